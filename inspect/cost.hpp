#pragma once

#include <ctgrad/graph/graph.hpp>

#include <algorithm>

/// What a graph costs, counted.
namespace ctgrad {

/// Says whether a node only moves elements to where its attributes say, so that a kernel call of it alone
/// would be a copy.
constexpr bool is_copy(const Node& node) { return node.operation->moves && node.operation->ids_operand < 0; }

/// The floating-point operations of one node by its operation's count. Without one, one for every element
/// that it reads or writes, whichever are more; none for what moves elements and for integers.
constexpr Size flops(const Node& node, const Type* operands) {
  const Operation& op = *node.operation;
  if (op.flops != nullptr) return op.flops(operands, node.type, node.attributes);
  if (node.operand_count == 0 || op.moves || node.type.kind == Kind::index) return 0;
  Size most = node.type.shape.size();
  for (int i = 0; i < node.operand_count; ++i) most = std::max(most, operands[i].shape.size());
  return most;
}

/// The floating-point operations of one node of a graph.
template <class G>
constexpr Size flops_of(const G& graph, std::int32_t id) {
  const Node& node = graph[id];
  Type operands[max_operands];
  for (int i = 0; i < node.operand_count; ++i) operands[i] = graph[node.operands[i]].type;
  return flops(node, operands);
}

/// The floating-point operations of a graph.
template <class G>
constexpr Size flops(const G& graph) {
  Size sum = 0;
  for (std::int32_t id = 0; id < graph.size(); ++id) sum += flops_of(graph, id);
  return sum;
}

}  // namespace ctgrad
