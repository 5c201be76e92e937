#pragma once

#include <ctgrad/ops/registry.hpp>

#include <span>
#include <vector>

/// Forward mode on graphs: a function's nodes emitted again for other inputs, together with their tangents.
namespace ctgrad::autodiff {

/// A value and its tangent, which is absent where it is zero.
struct Dual {
  Value primal;
  Value tangent;
};

/// Marks the nodes from `first` on that `outputs` need.
constexpr std::vector<char> needed_nodes(const Graph& graph, std::span<const Value> outputs,
                                         std::int32_t first) {
  std::vector<char> needed(static_cast<std::size_t>(graph.size() - first), 0);
  for (const Value output : outputs) {
    if (output.id >= first) needed[static_cast<std::size_t>(output.id - first)] = 1;
  }
  for (std::int32_t id = graph.size() - 1; id >= first; --id) {
    if (needed[static_cast<std::size_t>(id - first)] == 0) continue;
    const Node& node = graph[id];
    for (int i = 0; i < node.operand_count; ++i) {
      if (node.operands[i] >= first) needed[static_cast<std::size_t>(node.operands[i] - first)] = 1;
    }
  }
  return needed;
}

/// The node again, on other operands of the same types.
constexpr Value emit_again(Graph& graph, const Node& node, const Value* operands) {
  Node copy = node;
  for (int i = 0; i < node.operand_count; ++i) copy.operands[i] = operands[i].id;
  return {&graph, graph.add(copy)};
}

/// The operation on the tangents of some operands in place of the operands; absent ones are zeros.
constexpr Value emit_linear(Graph& graph, const Node& node, const Value* operands, const Value* tangents) {
  Value replaced[max_operands];
  for (int i = 0; i < node.operand_count; ++i) {
    replaced[i] = operands[i];
    if (operands[i].kind() == Kind::real)
      replaced[i] = tangents[i].absent() ? ops::zeros_like(operands[i]) : tangents[i];
  }
  return emit_again(graph, node, replaced);
}

/// The tangent of a node by its operation's rule; for linear and bilinear operations, the operation itself.
constexpr Value tangent_of(Graph& graph, const Node& node, const Value* operands, const Value* tangents,
                           Value result) {
  const Operation& op = *node.operation;
  bool any = false;
  for (int i = 0; i < node.operand_count; ++i) any = any || !tangents[i].absent();
  if (!any || op.linearity == Linearity::constant) return {};
  if (op.linearity == Linearity::nonlinear) return op.tangent({operands, tangents, result, node.attributes});
  if (op.linearity == Linearity::linear) {
    if (&op == &operation<ops::Add>) return tangents[0] + tangents[1];
    if (&op == &operation<ops::Sub>) return tangents[0] - tangents[1];
    return emit_linear(graph, node, operands, tangents);
  }
  Value sum;
  for (int i = 0; i < 2; ++i) {
    if (tangents[i].absent()) continue;
    const Value product[] = {i == 0 ? tangents[0] : operands[0], i == 1 ? tangents[1] : operands[1]};
    sum = sum + emit_again(graph, node, product);
  }
  return sum;
}

/// The outputs of a function that was traced on `placeholders`, for `inputs` in their place: primals and
/// tangents. Nodes that don't depend on a placeholder stay as they are.
constexpr std::vector<Dual> linearize(Graph& graph, std::span<const Value> placeholders,
                                      std::span<const Dual> inputs, std::span<const Value> outputs) {
  if (placeholders.empty()) {
    std::vector<Dual> same;
    for (const Value output : outputs) same.push_back({output, {}});
    return same;
  }
  const std::int32_t first = placeholders.front().id;
  const std::int32_t last = graph.size();
  const std::vector<char> needed = needed_nodes(graph, outputs, first);
  std::vector<Dual> duals(static_cast<std::size_t>(last - first));
  const auto dual = [&](std::int32_t id) {
    const bool moved = id >= first && !duals[static_cast<std::size_t>(id - first)].primal.absent();
    return moved ? duals[static_cast<std::size_t>(id - first)] : Dual{{&graph, id}, {}};
  };
  for (std::size_t i = 0; i < placeholders.size(); ++i) {
    duals[static_cast<std::size_t>(placeholders[i].id - first)] = inputs[i];
  }
  for (std::int32_t id = first; id < last; ++id) {
    const std::size_t at = static_cast<std::size_t>(id - first);
    if (needed[at] == 0 || !duals[at].primal.absent()) continue;
    const Node node = graph[id];
    Value operands[max_operands];
    Value tangents[max_operands];
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const Dual operand = dual(node.operands[i]);
      operands[i] = operand.primal;
      tangents[i] = operand.tangent;
      moved = moved || operand.primal.id != node.operands[i] || !operand.tangent.absent();
    }
    if (!moved) continue;
    duals[at].primal = emit_again(graph, node, operands);
    duals[at].tangent = tangent_of(graph, node, operands, tangents, duals[at].primal);
  }
  std::vector<Dual> result;
  for (const Value output : outputs) result.push_back(dual(output.id));
  return result;
}

}  // namespace ctgrad::autodiff
