#pragma once

#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/minimum.hpp>
#include <ctgrad/ops/sum.hpp>
#include <ctgrad/passes/simplify.hpp>

#include <optional>

namespace ctgrad::passes {

/// Numbers that constant expressions compute with no trouble.
constexpr bool is_tame(double x) { return x > -1e150 && x < 1e150; }

/// The number that an operation on two numbers gives, if it is one that is folded.
constexpr std::optional<double> folded(const Operation* op, double a, double b) {
  if (op == &operation<ops::Add>) return a + b;
  if (op == &operation<ops::Sub>) return a - b;
  if (op == &operation<ops::Mul>) return a * b;
  if (op == &operation<ops::Div> && b != 0) return a / b;
  if (op == &operation<ops::Maximum>) return a > b ? a : b;
  if (op == &operation<ops::Minimum>) return a < b ? a : b;
  if (op == &operation<ops::Neg>) return -a;
  if (op == &operation<ops::Square>) return a * a;
  return std::nullopt;
}

/// x = 2, y = 3, z = x y  ->  z = 6: operations on constants, each of one number in all elements, are
/// constants; so are their sums and permutations. Non-finite and huge numbers are left to the program.
constexpr Graph fold(Graph graph) {
  return rewrite(std::move(graph), [](Value x, std::int32_t) -> Value {
    const Node& node = x.node();
    if (node.operand_count == 0 || node.type.kind != Kind::real) return {};
    double numbers[2] = {};
    for (int i = 0; i < node.operand_count; ++i) {
      const Node& operand = (*x.graph)[node.operands[i]];
      if (i > 1 || operand.operation != &operation<ops::Constant> || operand.type.kind != Kind::real)
        return {};
      numbers[i] = operand.attributes.value;
      if (!is_tame(numbers[i])) return {};
    }
    if (is_any<ops::Permute, ops::Slice>(x)) return ops::constant(*x.graph, numbers[0], x.shape());
    if (is_any<ops::Sum>(x) && x.shape().size() > 0) {
      const Size terms = x.operand(0).shape().size() / x.shape().size();
      return ops::constant(*x.graph, numbers[0] * static_cast<double>(terms), x.shape());
    }
    const std::optional<double> number = folded(node.operation, numbers[0], numbers[1]);
    return number && is_tame(*number) ? ops::constant(*x.graph, *number, x.shape()) : Value{};
  });
}

}  // namespace ctgrad::passes
