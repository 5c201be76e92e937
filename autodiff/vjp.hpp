#pragma once

#include <ctgrad/autodiff/arguments.hpp>

#include <boost/hana/define_struct.hpp>

/// Reverse mode: a vector times the Jacobian.
namespace ctgrad {

/// A function's value and the cotangents of its arguments.
template <class T, class C>
struct ValueAndCotangents {
  BOOST_HANA_DEFINE_STRUCT(ValueAndCotangents, (T, value), (C, cotangents));
};

namespace autodiff {

/// f's value at the arguments and, for the cotangents that `seed(value)` gives for it, those of the arguments
/// at `Chosen`: one tree, or a tuple of them when several are chosen.
template <int... Chosen, class F, class Arguments, class Seed>
constexpr auto pull_back(Graph& graph, const F& f, const Arguments& arguments, const Seed& seed) {
  const auto traced = trace_on_placeholders<Chosen...>(graph, f, arguments);
  std::vector<Value> linear_inputs;
  for (const Value input : traced.inputs) linear_inputs.push_back(ops::input(graph, input.type()));
  const std::vector<Dual> duals = traced.linearize_at(graph, linear_inputs);
  const auto value = with_leaves(graph, traced.result, primals_of(duals));

  std::vector<Value> outputs;
  std::vector<Value> cotangents;
  std::vector<Value> seeds;
  append_leaves(graph, seed(value), seeds);
  for (std::size_t i = 0; i < duals.size(); ++i) {
    if (duals[i].tangent.absent()) continue;
    outputs.push_back(duals[i].tangent);
    cotangents.push_back(seeds[i]);
  }
  const std::vector<Value> pulled = autodiff::transpose(graph, linear_inputs, outputs, cotangents);

  std::size_t first = 0;
  const auto tree = [&](const auto& argument) {
    const std::size_t begin = first;
    first += static_cast<std::size_t>(real_leaves<std::remove_cvref_t<decltype(argument)>>());
    return with_leaves(graph, argument, pulled, begin);
  };
  if constexpr (sizeof...(Chosen) == 1) {
    auto cotangent = tree(std::get<static_cast<std::size_t>(Chosen)>(arguments)...);
    return ValueAndCotangents<std::remove_const_t<decltype(value)>, decltype(cotangent)>{value, cotangent};
  } else {
    std::tuple trees{tree(std::get<static_cast<std::size_t>(Chosen)>(arguments))...};
    return ValueAndCotangents<std::remove_const_t<decltype(value)>, decltype(trees)>{value, trees};
  }
}

template <class F, int... Chosen>
struct Vjp {
  F f;

  template <class... All>
  constexpr auto operator()(const All&... all) const {
    static_assert(sizeof...(All) >= 2,
                  "vjp: the arguments are those of the function, then its result's cotangent");
    return apply(std::tuple{all...}, std::make_index_sequence<sizeof...(All) - 1>{});
  }

 private:
  template <class All, std::size_t... I>
  constexpr auto apply(const All& all, std::index_sequence<I...>) const {
    const std::tuple arguments{std::get<I>(all)...};
    const auto& cotangent = std::get<sizeof...(I)>(all);
    using Result = decltype(f(std::get<I>(all)...));
    static_assert(std::is_same_v<Result, std::remove_cvref_t<decltype(cotangent)>>,
                  "vjp: the cotangent has the type of the function's result");
    Graph& graph = std::apply([](const auto&... x) -> Graph& { return graph_of_trees(x...); }, all);
    const auto seed = [&](const auto&) { return cotangent; };
    if constexpr (sizeof...(Chosen) > 0) {
      return pull_back<Chosen...>(graph, f, arguments, seed);
    } else {
      return [&]<int... At>(Positions<At...>) {
        return pull_back<At...>(graph, f, arguments, seed);
      }(real_positions<std::tuple_element_t<I, All>...>());
    }
  }
};

}  // namespace autodiff

/// The function (x..., u) -> {f(x...), the cotangents of x... for the cotangent u of the result}: for every
/// argument that holds real numbers, or for those at the positions `Chosen`. Several are given as a
/// std::tuple.
template <int... Chosen, class F>
constexpr auto vjp(F f) {
  return autodiff::Vjp<F, Chosen...>{f};
}

}  // namespace ctgrad
