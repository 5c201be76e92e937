#pragma once

#include <ctgrad/autodiff/arguments.hpp>

#include <boost/hana/members.hpp>
#include <boost/hana/tuple.hpp>

/// A function of single tensors applied to many at once: an axis added in front of everything it computes.
namespace ctgrad {
namespace autodiff {

/// An array type with an axis added in front; tuples and structs of types member by member. A struct that
/// fixes its own shapes, like a model, becomes the tuple of its arrays.
template <Size Count, class T>
struct Batched : Batched<Count, std::remove_cvref_t<decltype(boost::hana::members(std::declval<T>()))>> {};
template <Size Count, ArrayLike T>
struct Batched<Count, T> {
  using type = array_of<T::kind, ops::with_leading_axis(Count, T::shape)>;
};
template <Size Count, class... T>
struct Batched<Count, boost::hana::tuple<T...>> {
  using type = std::tuple<typename Batched<Count, T>::type...>;
};
template <Size Count, class T, std::size_t N>
struct Batched<Count, std::array<T, N>> {
  using type = std::array<typename Batched<Count, T>::type, N>;
};
template <Size Count, template <class...> class Struct, class... T>
  requires(sizeof...(T) > 0)
struct Batched<Count, Struct<T...>> {
  using type = Struct<typename Batched<Count, T>::type...>;
};

/// An argument of vmap, and what the function takes in its place.
template <class T>
struct vmap_argument {
  static constexpr bool is_an_array_of_rank_1_or_more = false;
  static constexpr Size count = -1;
  using Single = T;
};
template <Kind K, Size Count, Size... D>
struct vmap_argument<Array<K, Count, D...>> {
  static constexpr bool is_an_array_of_rank_1_or_more = true;
  static constexpr Size count = Count;
  using Single = Array<K, D...>;
};

template <class F, int... Chosen>
struct Vmap {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    static_assert((position<Chosen>::template exists_among<sizeof...(Arguments)> && ...),
                  "vmap: the function has no argument at this position; the first is at 0");
    static_assert(positions<Chosen...>::differ, "vmap: a position is chosen twice");
    return along(std::index_sequence_for<Arguments...>{}, arguments...);
  }

 private:
  static constexpr bool goes_along([[maybe_unused]] std::size_t at) {
    return sizeof...(Chosen) == 0 || ((Chosen == static_cast<int>(at)) || ...);
  }
  /// What the function takes in place of argument `At`.
  template <std::size_t At, class T>
  using Single = std::conditional_t<goes_along(At), typename vmap_argument<T>::Single, T>;

  template <std::size_t... At, class... Arguments>
  constexpr auto along(std::index_sequence<At...>, const Arguments&... arguments) const {
    constexpr bool axes =
        ((!goes_along(At) || vmap_argument<Arguments>::is_an_array_of_rank_1_or_more) && ...);
    constexpr Size count =
        std::max({Size{-1}, goes_along(At) ? vmap_argument<Arguments>::count : Size{-1}...});
    constexpr bool callable = requires(const Single<At, Arguments>&... x) { f(x...); };
    static_assert(((!goes_along(At) || vmap_argument<Arguments>::is_an_array_of_rank_1_or_more) && ...),
                  "vmap: an argument to go along is an array of rank 1 or more");
    static_assert(((!goes_along(At) || !axes || vmap_argument<Arguments>::count == count) && ...),
                  "vmap: the first axes of the arguments have different extents");
    static_assert(argument_types<Single<At, Arguments>...>::template suit_the_function<callable>,
                  "vmap: the function takes another number or other types of arguments; those it goes along "
                  "come without their first axis");
    if constexpr (axes && callable && count >= 0) {
      Graph& graph = graph_of_trees(arguments...);
      std::vector<Value> placeholders;
      std::vector<Value> batched;
      const std::tuple<Single<At, Arguments>...> singles{
          single<goes_along(At)>(graph, arguments, placeholders, batched)...};
      return many<count>(graph, f(std::get<At>(singles)...), placeholders, batched);
    } else {
      return unusable(arguments...);
    }
  }

  /// An argument that vmap goes along on a placeholder without the first axis, another as it is.
  template <bool Goes, class T>
  static constexpr auto single(Graph& graph, const T& argument, std::vector<Value>& placeholders,
                               std::vector<Value>& batched) {
    if constexpr (Goes) {
      using Without = typename vmap_argument<T>::Single;
      batched.push_back(argument.in(graph));
      placeholders.push_back(ops::input(graph, Without::type));
      return Without{placeholders.back()};
    } else {
      return argument;
    }
  }

  /// The function's result with the added axis.
  template <Size Count, class Result>
  static constexpr auto many(Graph& graph, const Result& result, const std::vector<Value>& placeholders,
                             const std::vector<Value>& batched) {
    std::vector<Value> outputs;
    for_each_leaf(result, [&](const auto& leaf) { outputs.push_back(leaf.in(graph)); });
    Vectorizer vectorizer(graph, placeholders, batched, Count);
    vectorizer.walk(outputs);
    typename Batched<Count, Result>::type all{};
    std::size_t next = 0;
    for_each_leaf(all, [&](auto& leaf) { leaf.value = vectorizer.batched(outputs[next++]); });
    return all;
  }
};

}  // namespace autodiff

/// f along the first axis: where f takes Tensor<D...> and gives Tensor<E...>, vmap(f) takes Tensor<N, D...>
/// and gives Tensor<N, E...>, as one program. All arguments go along, or those at the positions `Chosen`, the
/// others being the same for all.
template <int... Chosen, class F>
constexpr auto vmap(F f) {
  return autodiff::Vmap<F, Chosen...>{f};
}

}  // namespace ctgrad
