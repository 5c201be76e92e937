#pragma once

#include <ctgrad/autodiff/by_definition.hpp>
#include <ctgrad/graph/layer_number.hpp>
#include <ctgrad/graph/tree.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/passes/pipeline.hpp>
#include <ctgrad/runtime/layout.hpp>

/// A function of typed trees as a graph.
namespace ctgrad::runtime {

/// The tag of no graph: what is left to do for a program whose arguments a static_assert has refused.
struct Nothing {
  static constexpr Graph make() { return {}; }
};

/// The tag of the graph of `Function` on arguments of the given tree types.
template <auto Function, class... Arguments>
struct Trace {
  using Result = decltype(Function(Arguments{}...));

  /// Derivatives of deep models included, there are about ten nodes for every parameter.
  static constexpr std::size_t expected_nodes = 16 * (std::size_t{0} + ... + leaf_count<Arguments>());

  static constexpr Graph make() { return passes::optimize(traced()); }

  /// The graph as the function builds it.
  static constexpr Graph traced() {
    Graph graph;
    graph.passes = passes_of(Function);
    graph.reserve(4 * expected_nodes);
    std::tuple<Arguments...> arguments{};
    const auto add_input = [&](auto& leaf) {
      leaf.value = ops::input(graph, leaf.type);
      graph.inputs.push_back(leaf.value.id);
    };
    const auto prepare = [&](auto& argument) {
      number_layers(argument);
      for_each_leaf(argument, add_input);
    };
    std::apply([&](auto&... argument) { (prepare(argument), ...); }, arguments);
    // No std::apply, whose four calls an error in the function would name.
    const auto result = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Function(std::get<I>(arguments)...);
    }(std::index_sequence_for<Arguments...>{});
    for_each_leaf(result, [&](const auto& leaf) { graph.outputs.push_back(leaf.in(graph).id); });
    return graph;
  }
};

}  // namespace ctgrad::runtime
