#pragma once

#include <ctgrad/inspect/cost.hpp>
#include <ctgrad/inspect/explanation.hpp>
#include <ctgrad/inspect/profile_table.hpp>

/// What a single kernel call computes and costs.
namespace ctgrad {

/// The nodes that a call computes, in their order. `groups[id]` is the end of the group that computes node
/// id, as of plan::Plan.
template <class Groups>
std::vector<std::int32_t> members_of(const Graph& graph, const Groups& groups, const plan::KernelCall& call) {
  std::vector<std::int32_t> found;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    if (groups[id] == call.node && graph[id].operand_count > 0) found.push_back(id);
  }
  return found;
}

namespace explaining {

/// "[2, 3]", or "[2, 3] bf16" where the bit of KernelCall::bf16 says so.
inline std::string stored_shape(const Graph& graph, const plan::KernelCall& call, std::int32_t node,
                                std::uint32_t bit) {
  return to_string(graph[node].type.shape) + ((call.bf16 & bit) != 0 ? " bf16" : "");
}

inline std::string shapes_of(const Graph& graph, const plan::KernelCall& call) {
  constexpr int shown = 2;
  std::string shapes;
  for (int i = 0; i < std::min(call.source_count, shown); ++i)
    shapes += stored_shape(graph, call, call.sources[i], plan::bf16_bit_of_source(i)) + " ";
  const Node& product = graph[call.product >= 0 ? call.product : call.node];
  if (product.operation->has_epilogue && !text::attributes(product).empty())
    shapes += text::attributes(product).substr(1) + " ";
  return shapes + "-> " + stored_shape(graph, call, call.node, 1);
}

}  // namespace explaining

/// What a call of a plan costs, for scalars of so many bytes.
template <class Groups>
CallCost cost_of(const Graph& graph, const Groups& groups, const plan::KernelCall& call, Size scalar) {
  CallCost cost{call.node, call.kernel, {}, explaining::shapes_of(graph, call), 0, 0};
  for (const std::int32_t id : members_of(graph, groups, call)) {
    cost.operations.push_back(graph[id].operation->name);
    cost.flops += flops_of(graph, id);
  }
  if (cost.operations.empty()) cost.operations.push_back(graph[call.node].operation->name);
  cost.bytes = explaining::bytes_moved(graph, call, scalar);
  return cost;
}

}  // namespace ctgrad
