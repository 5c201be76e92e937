#pragma once

#include <support/operations.hpp>

/// Deliberately wrong rules. Each has its operation's name and types, so that the interpreter computes it
/// right.
namespace ctgrad::test {

struct FallingLog : ops::Log {
  static constexpr Value tangent(const TangentArguments& t) { return -(t.tangents[0] / t.operands[0]); }
};

struct AddingSub : ops::Sub {
  /// The operation itself, so that its transpose is asked for.
  static constexpr Value tangent(const TangentArguments& t) {
    const auto along = [&](int i) {
      return t.tangents[i].absent() ? ops::zeros_like(t.operands[i]) : t.tangents[i];
    };
    return emit<AddingSub>(along(0), along(1));
  }
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

struct HalfSquare : ops::Square {
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * t.operands[0]; }
};

struct NumeratorDiv : ops::Div {
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] / t.operands[1]; }
};

struct UnprojectedSoftmax : ops::Softmax {
  static constexpr Value tangent(const TangentArguments& t) { return t.result * t.tangents[0]; }
};

/// On square matrices, where shapes can't tell.
struct UntransposedMatmul : ops::Matmul {
  static constexpr Samples samples() { return {{{{sample::real(3, 3), sample::real(3, 3)}}}, {}}; }
  static constexpr Value transpose(const TransposeArguments& t) {
    const Value other = t.operands[1 - t.operand];
    return t.operand == 0 ? ops::matmul(t.cotangent, other) : ops::matmul(other, t.cotangent);
  }
};

struct FirstAxisSoftmax : ops::Softmax {
  static constexpr Value tangent(const TangentArguments& t) {
    const Value weighted = t.result * t.tangents[0];
    return t.result * (t.tangents[0] - ops::sum(weighted, {true}));
  }
};

struct UninvertedPermute : ops::Permute {
  static constexpr Samples samples() { return {{{{sample::real(2, 2, 2)}, {.integers = {1, 2, 0}}}}, {}}; }
  static constexpr Value transpose(const TransposeArguments& t) {
    return ops::permute(t.cotangent, t.attributes.integers);
  }
};

struct UnsummedBroadcast : ops::Broadcast {
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

struct OwnFactorMul : ops::Mul {
  static constexpr Value transpose(const TransposeArguments& t) {
    return t.cotangent * t.operands[t.operand];
  }
};

struct AffineNeg : ops::Neg {
  static constexpr Value transpose(const TransposeArguments& t) { return 1 - t.cotangent; }
};

struct SquaringSquare : ops::Square {
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (2 * t.operands[0] + t.tangents[0]);
  }
};

/// Right at order 1: the slope is a constant to the next derivative.
struct ConstantSlopeTanh : ops::Tanh {
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * emit<ops::StopGradient>(1 - square(t.result));
  }
};

/// The same in reverse mode alone.
struct ConstantFactorMul : ops::Mul {
  static constexpr Value transpose(const TransposeArguments& t) {
    return t.cotangent * emit<ops::StopGradient>(t.operands[1 - t.operand]);
  }
};

/// autodiff::transpose, but a value that is used twice keeps only the last cotangent.
constexpr std::vector<Value> forgetful_transpose(Graph& graph, std::span<const Value> placeholders,
                                                 std::span<const Value> outputs,
                                                 std::span<const Value> cotangents) {
  const auto size = static_cast<std::size_t>(graph.size());
  std::vector<char> linear(size, 0);
  std::vector<Value> last(size);
  const auto at = [](Value value) { return static_cast<std::size_t>(value.id); };
  for (const Value placeholder : placeholders) linear[at(placeholder)] = 1;
  for (std::size_t id = 0; id < size; ++id) {
    const Value node{&graph, static_cast<std::int32_t>(id)};
    for (int i = 0; i < node.node().operand_count; ++i) {
      if (linear[at(node.operand(i))] != 0) linear[id] = 1;
    }
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) last[at(outputs[i])] = cotangents[i];
  for (std::size_t id = size; id-- > 0;) {
    const Node node = graph[static_cast<std::int32_t>(id)];
    const Value cotangent = last[id];
    Value operands[max_operands];
    for (int i = 0; i < node.operand_count; ++i) operands[i] = {&graph, node.operands[i]};
    for (int i = 0; i < node.operand_count && !cotangent.absent(); ++i) {
      if (linear[at(operands[i])] == 0) continue;
      last[at(operands[i])] = node.operation->transpose(
          {i, cotangent, operands, operands[i].type(), node.attributes, node, &cotangent});
    }
  }
  std::vector<Value> result;
  for (const Value placeholder : placeholders) result.push_back(last[at(placeholder)]);
  return result;
}

}  // namespace ctgrad::test
