#pragma once

#include <ctgrad/graph/graph.hpp>

namespace ctgrad::passes {

/// x, y = x + 1, z = 2 x, outputs {z}  ->  x, z = 2 x: nodes that no output needs go; inputs stay.
constexpr Graph eliminate_dead(const Graph& graph) {
  const auto at = [](std::int32_t id) { return static_cast<std::size_t>(id); };
  std::vector<char> live(at(graph.size()), 0);
  for (const std::int32_t id : graph.inputs) live[at(id)] = 1;
  for (const std::int32_t id : graph.outputs) live[at(id)] = 1;
  for (std::int32_t id = graph.size() - 1; id >= 0; --id) {
    if (live[at(id)] == 0) continue;
    const Node& node = graph[id];
    for (int i = 0; i < node.operand_count; ++i) live[at(node.operands[i])] = 1;
  }
  Graph result;
  std::vector<std::int32_t> renamed(at(graph.size()), -1);
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    if (live[at(id)] == 0) continue;
    Node node = graph[id];
    for (int i = 0; i < node.operand_count; ++i) node.operands[i] = renamed[at(node.operands[i])];
    renamed[at(id)] = result.add(node);
  }
  for (const std::int32_t id : graph.inputs) result.inputs.push_back(renamed[at(id)]);
  for (const std::int32_t id : graph.outputs) result.outputs.push_back(renamed[at(id)]);
  return result;
}

}  // namespace ctgrad::passes
