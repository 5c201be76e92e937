#pragma once

#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/piecewise.hpp>
#include <ctgrad/ops/powers.hpp>

#include <numbers>

namespace ctgrad::ops {

/// The angle of the point (x, y), operands y and x, in [-pi, pi] as std::atan2 gives it; 0 or pi at (0, 0).
struct Atan2 : Binary<Atan2> {
  static constexpr auto name = "atan2";
  /// The angle of (|x|, |y|), brought to the quadrant of the signs, of which -0 has one too.
  static auto onnx(const auto& x) {
    const auto is_negative = [&](const auto& a) { return either(less(a, 0), less(x("Reciprocal", a), 0)); };
    const auto quotient = x("Abs", x[0]) / x("Abs", x[1]);
    const auto acute = where(equal(x[0], 0), x.number(0), x("Atan", quotient));
    const auto angle = where(is_negative(x[1]), std::numbers::pi - acute, acute);
    return where(is_negative(x[0]), -angle, angle);
  }
  static constexpr Samples samples() { return sample::binary(Domain::nonzero, Domain::nonzero); }

  template <class T>
  static T apply(T y, T x) {
    return std::atan2(y, x);
  }

  /// (x dy - y dx) / (x^2 + y^2), all divided by the larger of |x| and |y| so that no square overflows or
  /// vanishes. The quotient does not depend on what divides, so to the next derivative that is a constant.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value size = emit<StopGradient>(maximum(abs(t.operands[0]), abs(t.operands[1])));
    const Value y = t.operands[0] / size;
    const Value x = t.operands[1] / size;
    return (x * (t.tangents[0] / size) - y * (t.tangents[1] / size)) / (square(x) + square(y));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value atan2(Value y, Value x) { return ops::emit_broadcast<ops::Atan2>(y, x); }

/// The angle of the point (x, y) after broadcasting, in [-pi, pi]: atan(y / x) in the quadrant that the signs
/// tell, those of zeros too. At (0, 0) the slopes are NaN.
template <Size... Y, Size... X>
constexpr auto atan2(const Tensor<Y...>& y, const Tensor<X...>& x) {
  static_assert(shapes<Tensor<Y...>, Tensor<X...>>::broadcast, "atan2: the shapes do not broadcast");
  Graph& graph = graph_of(y, x);
  return broadcast_array<Kind::real, Tensor<Y...>, Tensor<X...>>{atan2(y.in(graph), x.in(graph))};
}
template <Size... D>
constexpr Tensor<D...> atan2(const Tensor<D...>& y, double x) {
  return atan2(y, constant<>(x));
}
template <Size... D>
constexpr Tensor<D...> atan2(double y, const Tensor<D...>& x) {
  return atan2(constant<>(y), x);
}

}  // namespace ctgrad
