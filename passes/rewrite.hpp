#pragma once

#include <ctgrad/graph/value.hpp>

namespace ctgrad::passes {

/// The node that is node `id` with operand `now[x]` for every operand x; that is `id` itself where all stay.
constexpr std::int32_t renamed(Graph& graph, std::int32_t id, const std::int32_t* now) {
  const Node& node = graph[id];
  int i = 0;
  while (i < node.operand_count && now[node.operands[i]] == node.operands[i]) ++i;
  if (i == node.operand_count) return id;
  Node copy = node;
  for (; i < copy.operand_count; ++i) copy.operands[i] = now[copy.operands[i]];
  return graph.add(copy);
}

/// Replaces the nodes of a graph, in their order, by what a rule makes of them. rule(x, id) gives a better
/// value than x, or an absent one to keep x; x is the node on its operands' replacements, id its number in
/// the old graph.
template <class Rule>
constexpr Graph rewrite(Graph graph, Rule rule) {
  const std::int32_t count = graph.size();
  PerNode<std::int32_t> ids(count);
  std::int32_t* now = ids.data();
  for (std::int32_t id = 0; id < count; ++id) {
    now[id] = renamed(graph, id, now);
    const Value better = rule(Value{&graph, now[id]}, id);
    if (better.id >= 0) now[id] = better.id;
  }
  for (std::int32_t& output : graph.outputs) output = now[output];
  return graph;
}

}  // namespace ctgrad::passes
