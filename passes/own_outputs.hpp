#pragma once

#include <ctgrad/ops/copy.hpp>

namespace ctgrad::passes {

/// Says whether any node uses `wanted`.
constexpr bool is_used(const Graph& graph, std::int32_t wanted) {
  for (std::int32_t id = wanted + 1; id < graph.size(); ++id) {
    const Node& node = graph[id];
    for (int i = 0; i < node.operand_count; ++i) {
      if (node.operands[i] == wanted) return true;
    }
  }
  return false;
}

/// outputs {x, y, y}, x an input  ->  outputs {copy(x), y, copy(y)}: every output has memory of its own.
/// Integers that are read besides being an output are copied, too: what reads them may run before ids are
/// checked, and no output changes before that. So is one result of several, as outputs lie behind each other.
constexpr Graph own_outputs(Graph graph) {
  PerNode<bool> owned(graph.size());
  std::int32_t position = 0;
  for (std::int32_t& output : graph.outputs) {
    std::int32_t root = output;
    while (graph[root].operation->is_view) root = graph[root].operands[0];
    const bool read = graph[root].type.kind == Kind::index && (root != output || is_used(graph, output));
    const bool several = graph[root].operation->results != nullptr;
    if (graph[root].operation->is_input || owned[root] || read || several) {
      Attributes number;
      number.integers[0] = position;
      output = emit<ops::Copy>(number, Value{&graph, output}).id;
    } else {
      owned[root] = true;
    }
    ++position;
  }
  return graph;
}

}  // namespace ctgrad::passes
