#pragma once

#include <ctgrad/graph/value.hpp>

namespace ctgrad::passes {

/// The graph with rule(x, id) in place of every node, in order: x is the node on its operands' replacements,
/// id its number in the old graph; the rule gives another value, or none where the node stays as it is.
template <class Rule>
constexpr Graph rewrite(Graph graph, Rule rule) {
  const std::int32_t count = graph.size();
  std::vector<std::int32_t> ids(graph.nodes().size(), -1);
  std::int32_t* now = ids.data();
  for (std::int32_t id = 0; id < count; ++id) {
    Node node = graph[id];
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = now[node.operands[i]];
      moved = moved || operand != node.operands[i];
      node.operands[i] = operand;
    }
    now[id] = moved ? graph.add(node) : id;
    const Value better = rule(Value{&graph, now[id]}, id);
    if (!better.absent()) now[id] = better.id;
  }
  for (std::int32_t& output : graph.outputs) output = now[output];
  return graph;
}

}  // namespace ctgrad::passes
