#pragma once

#include <ctgrad/graph/passes/eliminate.hpp>
#include <ctgrad/graph/value.hpp>

namespace ctgrad::passes {

constexpr bool lacks_kernel(const Node& node) { return !node.operation->has_kernel; }

template <class Chosen>
constexpr bool any_node(const Graph& graph, Chosen chosen) {
  for (const Node& node : graph.nodes()) {
    if (chosen(node)) return true;
  }
  return false;
}

/// y = custom_tangent(f, x)  ->  y = f: the chosen nodes give way to their definitions, once.
template <class Chosen>
constexpr Graph expand_once(Graph graph, Chosen chosen) {
  const std::int32_t count = graph.size();
  std::vector<std::int32_t> ids(graph.nodes().size(), -1);
  for (std::int32_t id = 0; id < count; ++id) {
    Node node = graph[id];
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = ids[static_cast<std::size_t>(node.operands[i])];
      moved = moved || operand != node.operands[i];
      node.operands[i] = operand;
    }
    std::int32_t& now = ids[static_cast<std::size_t>(id)];
    if (chosen(graph[id])) {
      Value operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = {&graph, node.operands[i]};
      now = node.operation->definition({graph, operands, node.type, node.attributes}).id;
    } else {
      now = moved ? graph.add(node) : id;
    }
  }
  for (std::int32_t& id : graph.outputs) id = ids[static_cast<std::size_t>(id)];
  return graph;
}

/// The same until no node is chosen: definitions may hold such operations in their turn.
template <class Chosen>
constexpr Graph expand(Graph graph, Chosen chosen) {
  while (any_node(graph, chosen)) graph = eliminate_dead(expand_once(eliminate_dead(graph), chosen));
  return graph;
}

/// The graph with kernels for all that it does.
constexpr Graph expand(Graph graph) { return expand(std::move(graph), lacks_kernel); }

}  // namespace ctgrad::passes
