#pragma once

#include <ctgrad/graph/graph.hpp>

namespace ctgrad::passes {

/// x, y = x + 1, z = 2 x, outputs {z}  ->  x, z = 2 x: nodes that no output needs go; inputs stay.
constexpr Graph eliminate_dead(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  std::vector<char> live_nodes(graph.nodes().size(), 0);
  char* live = live_nodes.data();
  for (const std::int32_t id : graph.inputs) live[id] = 1;
  for (const std::int32_t id : graph.outputs) live[id] = 1;
  for (std::int32_t id = graph.size() - 1; id >= 0; --id) {
    if (live[id] == 0) continue;
    for (int i = 0; i < nodes[id].operand_count; ++i) live[nodes[id].operands[i]] = 1;
  }
  std::vector<Node> kept;
  std::vector<std::int32_t> new_ids(graph.nodes().size(), -1);
  std::int32_t* renamed = new_ids.data();
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    if (live[id] == 0) continue;
    renamed[id] = static_cast<std::int32_t>(kept.size());
    kept.push_back(nodes[id]);
    Node& node = kept.back();
    for (int i = 0; i < node.operand_count; ++i) node.operands[i] = renamed[node.operands[i]];
  }
  Graph result{std::move(kept)};
  result.passes = graph.passes;
  for (const std::int32_t id : graph.inputs) result.inputs.push_back(renamed[id]);
  for (const std::int32_t id : graph.outputs) result.outputs.push_back(renamed[id]);
  return result;
}

}  // namespace ctgrad::passes
