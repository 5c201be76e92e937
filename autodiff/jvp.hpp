#pragma once

#include <ctgrad/autodiff/arguments.hpp>

#include <boost/hana/define_struct.hpp>

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
    return std::tuple{std::get<Begin + I>(tuple)...};
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
  static constexpr bool are_primals_then_a_tangent_each = primal_count<Arguments...>() > 0;
};

template <class F, int... Chosen>
struct Jvp {
  F f;

  template <class... All>
  constexpr auto operator()(const All&... all) const {
    if constexpr (sizeof...(Chosen) > 0) {
      return apply<sizeof...(All) - sizeof...(Chosen)>(Positions<Chosen...>{}, std::tuple{all...});
    } else {
      static_assert(
          jvp_arguments<All...>::are_primals_then_a_tangent_each,
          "jvp: the arguments are those of the function, then a tangent for each that holds real numbers");
      constexpr std::size_t count = primal_count<All...>();
      const std::tuple arguments{all...};
      const auto positions =
          std::apply([](const auto&... x) { return real_positions<std::remove_cvref_t<decltype(x)>...>(); },
                     part<0, count>(arguments));
      return apply<count>(positions, arguments);
    }
  }

 private:
  template <std::size_t Count, int... At, class All>
  constexpr auto apply(Positions<At...>, const All& all) const {
    const auto primals = part<0, Count>(all);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      static_assert((std::is_same_v<std::tuple_element_t<static_cast<std::size_t>(At), All>,
                                    std::tuple_element_t<Count + I, All>> &&
                     ...),
                    "jvp: a tangent has the type of its argument");
      Graph& graph = std::apply([](const auto&... x) -> Graph& { return graph_of_trees(x...); }, all);
      const auto traced = trace_on_placeholders<At...>(graph, f, primals);
      std::vector<Value> tangents;
      (append_leaves(graph, std::get<Count + I>(all), tangents), ...);
      const std::vector<Dual> duals = traced.linearize_at(graph, tangents);
      using Result = std::remove_cvref_t<decltype(traced.result)>;
      return ValueAndTangent<Result>{with_leaves(graph, traced.result, primals_of(duals)),
                                     with_leaves(graph, traced.result, tangents_of(duals))};
    }(std::make_index_sequence<sizeof...(At)>{});
  }
};

}  // namespace autodiff

/// The function (x..., dx...) -> {f(x...), derivative of f at x... in the direction dx...}. There is one
/// tangent for every argument of f that holds real numbers, of its type and in its order; or for the
/// arguments at the positions `Chosen` alone, the others being constants.
template <int... Chosen, class F>
constexpr auto jvp(F f) {
  return autodiff::Jvp<F, Chosen...>{f};
}

}  // namespace ctgrad
