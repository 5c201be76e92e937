#pragma once

#include <ctgrad/autodiff/arguments.hpp>

/// A function's derivative at a point as a function of its own: found once, applied as often as needed, in
/// both directions.
namespace ctgrad {
namespace autodiff {

/// The derivative of a function with arguments of types `Inputs...` and the given result at a point.
template <class Result, class... Inputs>
class LinearMap {
 public:
  constexpr LinearMap(Graph& graph, Result like, std::tuple<Inputs...> inputs,
                      std::vector<Value> placeholders, std::vector<Value> outputs)
      : graph_(&graph),
        like_(like),
        inputs_(std::move(inputs)),
        placeholders_(std::move(placeholders)),
        outputs_(std::move(outputs)) {}

  /// J v...
  constexpr Result operator()(const Inputs&... v) const {
    std::vector<Value> tangents;
    (append_leaves(*graph_, v, tangents), ...);
    std::vector<Dual> along;
    for (std::size_t i = 0; i < tangents.size(); ++i) along.push_back({placeholders_[i], tangents[i]});
    std::vector<Value> present;
    for (const Value output : outputs_) present.push_back(output.absent() ? placeholders_.front() : output);
    std::vector<Value> results = tangents_of(autodiff::linearize(*graph_, placeholders_, along, present));
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (outputs_[i].absent()) results[i] = {};
    }
    return with_leaves(*graph_, like_, results);
  }

  /// Jᵀ u: one tree, or a tuple of them for several arguments.
  constexpr auto transpose(const Result& u) const {
    std::vector<Value> seeds;
    append_leaves(*graph_, u, seeds);
    std::vector<Value> outputs;
    std::vector<Value> cotangents;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (outputs_[i].absent()) continue;
      outputs.push_back(outputs_[i]);
      cotangents.push_back(seeds[i]);
    }
    const std::vector<Value> pulled = autodiff::transpose(*graph_, placeholders_, outputs, cotangents);
    std::size_t first = 0;
    const auto tree = [&](const auto& like) {
      const std::size_t begin = first;
      first += static_cast<std::size_t>(real_leaves<std::remove_cvref_t<decltype(like)>>());
      return with_leaves(*graph_, like, pulled, begin);
    };
    if constexpr (sizeof...(Inputs) == 1) {
      return tree(std::get<0>(inputs_));
    } else {
      return std::apply([&](const auto&... like) { return std::tuple{tree(like)...}; }, inputs_);
    }
  }

 private:
  Graph* graph_;
  Result like_;
  std::tuple<Inputs...> inputs_;
  std::vector<Value> placeholders_;
  std::vector<Value> outputs_;  ///< absent where the derivative is zero
};

}  // namespace autodiff

/// What `linearize` gives: the value, and the derivative as a function.
template <class Result, class Map>
struct Linearized {
  Result value;
  Map derivative;
};

/// f at x..., within a traced function: its value once, and its derivative to be applied to many directions:
///
///     const auto [value, derivative] = linearize(f, x);
///     derivative(v), derivative.transpose(u)
///
/// With respect to every argument that holds real numbers.
template <class F, class... Arguments>
constexpr auto linearize(const F& f, const Arguments&... arguments) {
  return [&]<int... At>(autodiff::Positions<At...>) {
    Graph& graph = autodiff::graph_of_trees(arguments...);
    const std::tuple all{arguments...};
    const auto traced = autodiff::trace_on_placeholders<At...>(graph, f, all);
    std::vector<Value> placeholders;
    for (const Value input : traced.inputs) placeholders.push_back(ops::input(graph, input.type()));
    const std::vector<autodiff::Dual> duals = traced.linearize_at(graph, placeholders);
    using Result = std::remove_cvref_t<decltype(traced.result)>;
    using Map =
        autodiff::LinearMap<Result,
                            std::tuple_element_t<static_cast<std::size_t>(At), std::tuple<Arguments...>>...>;
    return Linearized<Result, Map>{
        autodiff::with_leaves(graph, traced.result, autodiff::primals_of(duals)),
        Map(graph, traced.result, std::tuple{std::get<static_cast<std::size_t>(At)>(all)...}, placeholders,
            autodiff::tangents_of(duals))};
  }(autodiff::real_positions<Arguments...>());
}

}  // namespace ctgrad
