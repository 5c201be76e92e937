#pragma once

#include <ctgrad/inspect/cost.hpp>

#include <algorithm>
#include <vector>

/// What a graph's operations cost, one kind at a time.
namespace ctgrad {

/// All nodes of one operation together.
struct OperationCost {
  std::string_view operation;
  Size nodes = 0;
  Size flops = 0;
};

/// The kinds of operations in a graph, inputs and constants left out, the dearest first; among equals those
/// of more nodes, then by name.
template <class G>
constexpr std::vector<OperationCost> operation_costs(const G& graph) {
  std::vector<OperationCost> kinds;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.operand_count == 0) continue;
    auto kind = std::ranges::find(kinds, node.operation->name, &OperationCost::operation);
    if (kind == kinds.end()) kind = kinds.insert(kind, {node.operation->name, 0, 0});
    ++kind->nodes;
    kind->flops += flops_of(graph, id);
  }
  std::ranges::sort(kinds, [](const OperationCost& a, const OperationCost& b) {
    if (a.flops != b.flops) return a.flops > b.flops;
    return a.nodes != b.nodes ? a.nodes > b.nodes : a.operation < b.operation;
  });
  return kinds;
}

}  // namespace ctgrad
