#pragma once

#include <ctgrad/autodiff/linearize.hpp>

/// Reverse mode on graphs: a linear function's nodes walked backwards, each by its operation's transpose
/// rule.
namespace ctgrad::autodiff {

/// The cotangents of the linear inputs `placeholders`, given those of `outputs`; absent where an input has no
/// influence. The nodes between them must be linear: throws std::logic_error where one is not.
constexpr std::vector<Value> transpose(Graph& graph, std::span<const Value> placeholders,
                                       std::span<const Value> outputs, std::span<const Value> cotangents) {
  std::vector<Value> result(placeholders.size());
  if (placeholders.empty()) return result;
  const std::int32_t first = placeholders.front().id;
  const std::int32_t last = graph.size();
  const auto at = [&](std::int32_t id) { return static_cast<std::size_t>(id - first); };

  std::vector<char> linear(at(last), 0);
  for (const Value placeholder : placeholders) linear[at(placeholder.id)] = 1;
  for (std::int32_t id = first; id < last; ++id) {
    const Node& node = graph[id];
    for (int i = 0; i < node.operand_count; ++i) {
      if (node.operands[i] >= first && linear[at(node.operands[i])] != 0) linear[at(id)] = 1;
    }
  }

  std::vector<Value> accumulated(at(last));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].id < first || linear[at(outputs[i].id)] == 0) continue;
    accumulated[at(outputs[i].id)] = accumulated[at(outputs[i].id)] + cotangents[i];
  }
  for (std::int32_t id = last - 1; id >= first; --id) {
    const Value cotangent = accumulated[at(id)];
    if (cotangent.absent()) continue;
    const Node node = graph[id];
    Value operands[max_operands];
    int linear_operands = 0;
    for (int i = 0; i < node.operand_count; ++i) {
      operands[i] = {&graph, node.operands[i]};
      if (node.operands[i] >= first && linear[at(node.operands[i])] != 0) ++linear_operands;
    }
    if (linear_operands == 0) continue;
    if (node.operation->transpose == nullptr ||
        (node.operation->linearity == Linearity::bilinear && linear_operands > 1)) {
      throw std::logic_error(std::string(node.operation->name) + ": not linear in what is transposed");
    }
    for (int i = 0; i < node.operand_count; ++i) {
      if (node.operands[i] < first || linear[at(node.operands[i])] == 0) continue;
      const Value part =
          node.operation->transpose({i, cotangent, operands, graph[node.operands[i]].type, node.attributes});
      accumulated[at(node.operands[i])] = accumulated[at(node.operands[i])] + part;
    }
  }
  for (std::size_t i = 0; i < placeholders.size(); ++i) result[i] = accumulated[at(placeholders[i].id)];
  return result;
}

}  // namespace ctgrad::autodiff
