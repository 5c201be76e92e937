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

/// The same without the first axis.
template <class T>
struct Unbatched;
template <Kind K, Size Count, Size... D>
struct Unbatched<Array<K, Count, D...>> {
  static constexpr Size count = Count;
  using type = Array<K, D...>;
};

/// Says whether an argument has a first axis to go along.
template <class T>
struct vmap_argument {
  static constexpr bool is_an_array_of_rank_1_or_more = false;
};
template <Kind K, Size Count, Size... D>
struct vmap_argument<Array<K, Count, D...>> {
  static constexpr bool is_an_array_of_rank_1_or_more = true;
};

/// Emits the nodes that follow from `placeholders` again, with the added axis.
class Vectorizer {
 public:
  constexpr Vectorizer(Graph& graph, std::span<const Value> placeholders, std::span<const Value> batched,
                       Size count)
      : graph_(graph),
        first_(placeholders.front().id),
        last_(graph.size()),
        count_(count),
        emitted_(at(last_)) {
    for (std::size_t i = 0; i < placeholders.size(); ++i) emitted_[at(placeholders[i].id)] = batched[i];
  }

  constexpr void walk(std::span<const Value> outputs) {
    const PerNode<bool> needed = needed_nodes(graph_, outputs, first_);
    for (std::int32_t id = first_; id < last_; ++id) {
      if (needed[id] && emitted_[at(id)].absent()) visit(id);
    }
  }

  /// The output with the added axis; repeated along it if it does not depend on a placeholder.
  constexpr Value batched(Value output) const {
    if (moved(output.id)) return emitted_[at(output.id)];
    return ops::broadcast_to(output, ops::with_leading_axis(count_, output.shape()));
  }

 private:
  constexpr std::size_t at(std::int32_t id) const { return static_cast<std::size_t>(id - first_); }
  constexpr bool moved(std::int32_t id) const {
    return id >= first_ && id < last_ && !emitted_[at(id)].absent();
  }

  constexpr void visit(std::int32_t id) {
    const Node node = graph_[id];
    Value operands[max_operands];
    bool batched[max_operands] = {};
    bool any = false;
    for (int i = 0; i < node.operand_count; ++i) {
      batched[i] = moved(node.operands[i]);
      operands[i] = batched[i] ? emitted_[at(node.operands[i])] : Value{&graph_, node.operands[i]};
      any = any || batched[i];
    }
    if (!any) return;
    const BatchArguments arguments{graph_, node, operands, batched, count_};
    emitted_[at(id)] = node.operation->batch != nullptr ? node.operation->batch(arguments)
                                                        : ops::emit_batched(arguments, node.attributes);
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  Size count_;
  std::vector<Value> emitted_;
};

template <class F, int... Chosen>
struct Vmap {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    if constexpr (sizeof...(Chosen) > 0) {
      return apply(Positions<Chosen...>{}, std::tuple{arguments...});
    } else {
      return [&]<int... At>(std::integer_sequence<int, At...>) {
        return apply(Positions<At...>{}, std::tuple{arguments...});
      }(std::make_integer_sequence<int, static_cast<int>(sizeof...(Arguments))>{});
    }
  }

 private:
  template <int First, int... Others, class Arguments>
  constexpr auto apply(Positions<First, Others...>, const Arguments& arguments) const {
    static_assert((vmap_argument<element<First, Arguments>>::is_an_array_of_rank_1_or_more && ... &&
                   vmap_argument<element<Others, Arguments>>::is_an_array_of_rank_1_or_more),
                  "vmap: an argument to go along is an array of rank 1 or more");
    constexpr Size count = Unbatched<element<First, Arguments>>::count;
    static_assert(((Unbatched<element<Others, Arguments>>::count == count) && ...),
                  "vmap: the first axes of the arguments have different extents");
    Graph& graph = std::apply([](const auto&... x) -> Graph& { return graph_of_trees(x...); }, arguments);
    std::vector<Value> placeholders;
    std::vector<Value> batched;
    const auto result = traced<First, Others...>(graph, arguments, placeholders, batched);
    std::vector<Value> outputs;
    for_each_leaf(result, [&](const auto& leaf) { outputs.push_back(leaf.in(graph)); });
    Vectorizer vectorizer(graph, placeholders, batched, count);
    vectorizer.walk(outputs);
    typename Batched<count, std::remove_cvref_t<decltype(result)>>::type many{};
    std::size_t next = 0;
    for_each_leaf(many, [&](auto& leaf) { leaf.value = vectorizer.batched(outputs[next++]); });
    return many;
  }

  template <int At, class Arguments>
  using element = std::tuple_element_t<static_cast<std::size_t>(At), Arguments>;

  /// f on placeholders without the first axis for the chosen arguments.
  template <int... At, class Arguments>
  constexpr auto traced(Graph& graph, const Arguments& arguments, std::vector<Value>& placeholders,
                        std::vector<Value>& batched) const {
    const auto single = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      const auto& argument = std::get<I>(arguments);
      if constexpr (((At == static_cast<int>(I)) || ...)) {
        using Single = typename Unbatched<std::remove_cvref_t<decltype(argument)>>::type;
        batched.push_back(argument.in(graph));
        placeholders.push_back(ops::input(graph, Single::type));
        return Single{placeholders.back()};
      } else {
        return argument;
      }
    };
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      const std::tuple singles{single(std::integral_constant<std::size_t, I>{})...};
      return std::apply(f, singles);
    }(std::make_index_sequence<std::tuple_size_v<Arguments>>{});
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
