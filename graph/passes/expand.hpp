#pragma once

#include <ctgrad/graph/passes/eliminate.hpp>
#include <ctgrad/graph/value.hpp>

namespace ctgrad::passes {

constexpr bool needs_definition(const Node& node) { return !node.operation->has_kernel; }

constexpr bool has_definitions(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (needs_definition(node)) return true;
  }
  return false;
}

/// y = custom_tangent(f, x)  ->  y = f: what has no kernel gives way to its definition, once.
constexpr Graph expand_once(Graph graph) {
  const std::int32_t count = graph.size();
  std::vector<std::int32_t> ids(graph.nodes().size());
  for (std::int32_t id = 0; id < count; ++id) {
    Node node = graph[id];
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = ids[static_cast<std::size_t>(node.operands[i])];
      moved = moved || operand != node.operands[i];
      node.operands[i] = operand;
    }
    std::int32_t& now = ids[static_cast<std::size_t>(id)];
    if (needs_definition(node)) {
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

/// The same until nothing is left to define: definitions may hold such operations in their turn.
constexpr Graph expand(Graph graph) {
  while (has_definitions(graph)) graph = eliminate_dead(expand_once(eliminate_dead(graph)));
  return graph;
}

}  // namespace ctgrad::passes
