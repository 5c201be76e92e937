#pragma once

#include <ctgrad/ops/constant.hpp>
#include <ctgrad/passes/rewrite.hpp>

#include <optional>

namespace ctgrad::passes {

/// Says whether constant expressions compute with a number with no trouble.
constexpr bool is_tame(double x) { return x > -1e150 && x < 1e150; }

/// The number in every element of a node, by its operation's rule, if all its operands are constants.
constexpr std::optional<double> folded(const Graph& graph, const Node& node) {
  if (node.operation->fold == nullptr || node.type.kind != Kind::real) return std::nullopt;
  for (int i = 0; i < node.operand_count; ++i) {
    const Node& operand = graph[node.operands[i]];
    if (!operand.operation->is_splat || operand.type.kind != Kind::real) return std::nullopt;
    if (!is_tame(operand.attributes.value)) return std::nullopt;
  }
  double numbers[max_operands] = {};
  Type types[max_operands];
  for (int i = 0; i < node.operand_count; ++i) {
    numbers[i] = graph[node.operands[i]].attributes.value;
    types[i] = graph[node.operands[i]].type;
  }
  const std::optional<double> number = node.operation->fold({numbers, types, node.type});
  return number && is_tame(*number) ? number : std::nullopt;
}

/// x = 2, y = 3, z = x y  ->  z = 6: an operation on constants, each of one number in all elements, is a
/// constant if its record says of which number. Non-finite and huge numbers are left to the program.
constexpr Graph fold(Graph graph) {
  return rewrite(std::move(graph), [](Value x, std::int32_t) -> Value {
    if (x.node().operation->fold == nullptr) return {};
    const std::optional<double> number = folded(*x.graph, x.node());
    return number ? ops::constant(*x.graph, *number, x.shape()) : Value{};
  });
}

}  // namespace ctgrad::passes
