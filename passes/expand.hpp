#pragma once

#include <ctgrad/ops/result.hpp>
#include <ctgrad/passes/eliminate.hpp>
#include <ctgrad/passes/rewrite.hpp>

namespace ctgrad::passes {

constexpr bool lacks_kernel(const Node& node) { return !node.operation->has_kernel; }

template <class Chosen>
constexpr bool any_node(const Graph& graph, Chosen chosen) {
  for (const Node& node : graph.nodes()) {
    if (chosen(node)) return true;
  }
  return false;
}

/// y = custom_tangent(f, x)  ->  y = f: the chosen nodes give way to their definitions, once, and results of
/// them to results of these.
template <class Chosen>
constexpr Graph expand_once(const Graph& graph, Chosen chosen) {
  return rewrite(graph, [&](Value x, std::int32_t id) -> Value {
    if (graph[id].operation == &operation<ops::Result> && chosen(graph[graph[id].operands[0]]))
      return ops::result(x.operand(0), x.node().attributes.integers[0]);
    if (!chosen(graph[id])) return {};
    const Node node = x.node();
    Value operands[max_operands];
    for (int i = 0; i < node.operand_count; ++i) operands[i] = x.operand(i);
    return node.operation->definition({*x.graph, operands, node.type, node.attributes});
  });
}

/// Puts definitions in place of the chosen nodes until no node is chosen: a definition may hold such
/// operations itself.
template <class Chosen>
constexpr Graph expand(Graph graph, Chosen chosen) {
  while (any_node(graph, chosen))
    graph = eliminate_dead(expand_once(eliminate_dead(std::move(graph)), chosen));
  return graph;
}

/// The graph with kernels for all that it does.
constexpr Graph expand(Graph graph) { return expand(std::move(graph), lacks_kernel); }

}  // namespace ctgrad::passes
