#pragma once

#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/unary.hpp>

/// Functions of one number with a kink at 0.
namespace ctgrad::ops {

/// |x|. Its slope at 0 is 0: a number, not a branch that was not taken, so sqrt(|x|) has no slope there.
struct Abs : Unary<Abs, Domain::apart> {
  static constexpr auto name = "abs";
  static constexpr auto onnx = "Abs";
  static constexpr bool is_never_negative = true;
  static auto apply(auto x) { return std::abs(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = t.operands[0];
    const Value zero = beside(x, 0);
    const Value sign = select(less(zero, x), beside(x, 1), select(less(x, zero), beside(x, -1), {}));
    return sign * t.tangents[0];
  }
};

/// max(x, 0); NaN stays NaN. Its slope at 0 is 0.
struct Relu : Unary<Relu, Domain::apart> {
  static constexpr auto name = "relu";
  static constexpr auto onnx = "Relu";
  static constexpr bool is_never_negative = true;
  static auto apply(auto x) { return x < 0 ? 0 : x; }
  /// From the result, which the next layer keeps anyway; a NaN is no branch that was not taken.
  static constexpr Value tangent(const TangentArguments& t) {
    return select(less_equal(t.result, beside(t.result, 0)), {}, t.tangents[0]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// |x| of every element; its slope at 0 is 0.
constexpr auto abs(const Real auto& x) { return ops::each<ops::Abs>(x); }

/// max(x, 0) of every element; NaN stays NaN, and the slope at 0 is 0.
constexpr auto relu(const Real auto& x) { return ops::each<ops::Relu>(x); }

}  // namespace ctgrad
