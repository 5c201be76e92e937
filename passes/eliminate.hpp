#pragma once

#include <ctgrad/graph/graph.hpp>

namespace ctgrad::passes {

/// x, y = x + 1, z = 2 x, outputs {z}  ->  x, z = 2 x: nodes that no output needs go; inputs stay.
constexpr Graph eliminate_dead(Graph graph) {
  const Node* nodes = graph.nodes().data();
  PerNode<bool> marks(graph.size());
  bool* live = marks.data();
  for (const std::vector<std::int32_t>* ids : {&graph.inputs, &graph.outputs}) {
    const std::int32_t* all = ids->data();
    const std::size_t count = ids->size();
    for (std::size_t i = 0; i < count; ++i) live[all[i]] = true;
  }
  for (std::int32_t id = graph.size() - 1; id >= 0; --id) {
    if (!live[id]) continue;
    const Node& node = nodes[id];
    for (int i = 0; i < node.operand_count; ++i) live[node.operands[i]] = true;
  }
  graph.keep(marks);
  return graph;
}

}  // namespace ctgrad::passes
