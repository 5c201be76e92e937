#pragma once

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/graph/define_struct.hpp>

/// Forward mode: the Jacobian times a vector.
namespace ctgrad {

/// A function's value and its derivative in a direction.
template <class T>
struct ValueAndTangent {
  BOOST_HANA_DEFINE_STRUCT(ValueAndTangent, (T, value), (T, tangent));
};

namespace autodiff {

/// The first `Count` of a tuple's elements, from `Begin` on.
template <std::size_t Begin, std::size_t Count, class Tuple>
constexpr auto part(const Tuple& tuple) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::make_tuple(std::get<Begin + I>(tuple)...);
  }(std::make_index_sequence<Count>{});
}

/// How many of all arguments of a jvp are primals, when every real one is followed by its tangent behind
/// them.
template <class... All>
constexpr std::size_t primal_count() {
  constexpr bool real[] = {(real_leaves<All>() > 0)...};
  std::size_t tangents = 0;
  for (std::size_t count = 1; count <= sizeof...(All); ++count) {
    tangents += real[count - 1] ? 1 : 0;
    if (count + tangents == sizeof...(All)) return count;
  }
  return 0;
}

template <class... Arguments>
struct jvp_arguments {
  static constexpr bool include_a_real_one = argument_types<Arguments...>::include_a_real_one;
  static constexpr bool are_primals_then_a_tangent_each = primal_count<Arguments...>() > 0;
  template <int Tangents>
  static constexpr bool are_more_than = sizeof...(Arguments) > Tangents;
};

template <class F, int... Chosen>
struct Jvp {
  F f;

  template <class... All>
  constexpr auto operator()(const All&... all) const {
    if constexpr (sizeof...(Chosen) > 0) {
      static_assert(jvp_arguments<All...>::template are_more_than<sizeof...(Chosen)>,
                    "jvp: the arguments are those of the function, then a tangent for each chosen one");
      if constexpr (sizeof...(All) > sizeof...(Chosen)) {
        return of_primals<sizeof...(All) - sizeof...(Chosen)>(Positions<Chosen...>{},
                                                              std::make_tuple(all...));
      } else {
        return unusable_pair(all...);
      }
    } else {
      static_assert(jvp_arguments<All...>::include_a_real_one,
                    "jvp: no argument of the function holds real numbers");
      static_assert(
          jvp_arguments<All...>::are_primals_then_a_tangent_each,
          "jvp: the arguments are those of the function, then a tangent for each that holds real numbers");
      constexpr std::size_t count = primal_count<All...>();
      if constexpr (count > 0 && jvp_arguments<All...>::include_a_real_one) {
        const auto arguments = std::make_tuple(all...);
        const auto chosen =
            std::apply([](const auto&... x) { return real_positions<std::remove_cvref_t<decltype(x)>...>(); },
                       part<0, count>(arguments));
        return of_primals<count>(chosen, arguments);
      } else {
        return unusable_pair(all...);
      }
    }
  }

 private:
  template <class... All>
  static constexpr auto unusable_pair(const All&... all) {
    return ValueAndTangent<decltype(unusable(all...))>{unusable(all...), unusable(all...)};
  }

  template <std::size_t Count, int... At, class All>
  constexpr auto of_primals(Positions<At...> chosen, const All& all) const {
    return at(chosen, part<0, Count>(all), part<Count, sizeof...(At)>(all));
  }

  template <int... At, class... Primals, class... Tangents>
  constexpr auto at(Positions<At...>, const std::tuple<Primals...>& primals,
                    const std::tuple<Tangents...>& tangents) const {
    constexpr bool fit = (argument<At, TypeAt<At, Primals...>>::template has_a_tangent_like<Tangents> && ...);
    static_assert((position<At>::template exists_among<sizeof...(Primals)> && ...),
                  "jvp: the function has no argument at this position; the first is at 0, and a tangent for "
                  "each chosen one follows them");
    static_assert(positions<At...>::differ, "jvp: a position is chosen twice");
    static_assert(
        (argument<At, TypeAt<At, Primals...>>::is_real && ...),
        "jvp: integers, masks and keys have no derivative; choose arguments without them, jvp<1>(f)");
    static_assert((argument<At, TypeAt<At, Primals...>>::template has_a_tangent_like<Tangents> && ...),
                  "jvp: a tangent has the type of its argument; all tangents follow all arguments");
    constexpr bool callable = requires(const Primals&... x) { f(x...); };
    static_assert(argument_types<Primals...>::template suit_the_function<callable>,
                  "jvp: the function takes another number or other types of arguments; is a "
                  "model, an array or a Key missing?");
    if constexpr (callable && fit && Among<Primals...>::template real<At...>()) {
      return of_result<At...>(primals, tangents);
    } else {
      return std::apply([](const auto&... x) { return unusable_pair(x...); }, primals);
    }
  }

  template <int... At, class... Primals, class... Tangents>
  constexpr auto of_result(const std::tuple<Primals...>& primals,
                           const std::tuple<Tangents...>& tangents) const {
    using Result = std::remove_cvref_t<decltype(f(std::declval<const Primals&>()...))>;
    static_assert(
        result<Result>::is_real,
        "jvp: the function's result holds integers or masks, which have no derivative; give them by "
        "a function of their own");
    if constexpr (all_real<Result>()) {
      const auto find = [](const auto&... x) -> Graph& { return graph_of_trees(x...); };
      Graph& graph = std::apply(find, std::tuple_cat(primals, tangents));
      const auto traced = trace_on_placeholders<At...>(graph, f, primals);
      std::vector<Value> values;
      std::apply([&](const auto&... x) { (append_leaves(graph, x, values), ...); }, tangents);
      const std::vector<Dual> duals = traced.push_forward(graph, values);
      return ValueAndTangent<Result>{with_leaves(graph, traced.result, primals_of(duals)),
                                     with_leaves(graph, traced.result, tangents_of(duals))};
    } else {
      return std::apply([](const auto&... x) { return unusable_pair(x...); }, primals);
    }
  }
};

}  // namespace autodiff

/// The function (x..., dx...) -> {f(x...), derivative of f at x... in the direction dx...}. There is one
/// tangent for every argument of f that holds real numbers, of its type and in its order; or for the
/// arguments at the positions `Chosen` alone, the others being constants. An argument with a tangent and the
/// result hold real numbers alone.
template <int... Chosen, class F>
constexpr auto jvp(F f) {
  return autodiff::Jvp<F, Chosen...>{f};
}

}  // namespace ctgrad
