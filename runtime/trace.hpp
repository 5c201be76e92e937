#pragma once

#include <ctgrad/autodiff/linear_cross_entropy_rules.hpp>
#include <ctgrad/graph/passes/pipeline.hpp>
#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/runtime/layout.hpp>

/// A function of typed trees as a graph.
namespace ctgrad::runtime {

/// The tag of the graph of `Function` on arguments of the given tree types.
template <auto Function, class... Arguments>
struct Trace {
  using Result = decltype(Function(Arguments{}...));

  /// Arguments that are no trees have been refused by then: nothing is traced, so that no more errors follow.
  static constexpr bool whole = (tree::is_whole<Arguments> && ...);

  /// Derivatives of deep models included, there are about ten nodes for every parameter.
  static constexpr std::size_t expected_nodes = [] {
    if constexpr (whole) {
      return 16 * (std::size_t{0} + ... + leaf_count<Arguments>());
    } else {
      return std::size_t{0};
    }
  }();

  static constexpr Graph make() { return passes::optimize(traced()); }

  /// The graph as the function builds it.
  static constexpr Graph traced() {
    Graph graph;
    if constexpr (whole) trace_into(graph);
    return graph;
  }

 private:
  static constexpr void trace_into(Graph& graph) {
    graph.passes = passes_of(Function);
    graph.reserve(4 * expected_nodes);
    std::tuple<Arguments...> arguments{};
    const auto add_input = [&](auto& leaf) {
      leaf.value = ops::input(graph, leaf.type);
      graph.inputs.push_back(leaf.value.id);
    };
    std::apply([&](auto&... argument) { (for_each_leaf(argument, add_input), ...); }, arguments);
    // No std::apply, whose four calls an error in the function would name.
    const auto result = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Function(std::get<I>(arguments)...);
    }(std::index_sequence_for<Arguments...>{});
    for_each_leaf(result, [&](const auto& leaf) { graph.outputs.push_back(leaf.in(graph).id); });
  }
};

}  // namespace ctgrad::runtime
