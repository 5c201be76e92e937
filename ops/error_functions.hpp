#pragma once

#include <ctgrad/kernels/erf.hpp>
#include <ctgrad/ops/exponentials.hpp>

#include <numbers>

/// The error function and its complement.
namespace ctgrad::ops {

/// The error function
struct Erf : Unary<Erf> {
  static constexpr auto name = "erf";
  static constexpr auto onnx = "Erf";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::erf(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (2 * std::numbers::inv_sqrtpi * exp(-square(t.operands[0])));
  }
};

/// The complement 1 - erf(x), accurate where erf(x) is near 1.
struct Erfc : Unary<Erfc> {
  static constexpr auto name = "erfc";
  /// Right to 6e-8; the digits of the tail are gone.
  static auto onnx(const auto& x) { return 1.0 - x("Erf", x[0]); }
  CTGRAD_INLINE static auto apply(auto x) { return kernels::erfc(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (-2 * std::numbers::inv_sqrtpi * exp(-square(t.operands[0])));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// The error function of every element, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; in [-1, 1].
constexpr auto erf(const Real auto& x) { return ops::each<ops::Erf>(x); }

/// 1 - erf(x) of every element, with all digits also where erf(x) is near 1; in [0, 2].
constexpr auto erfc(const Real auto& x) { return ops::each<ops::Erfc>(x); }

}  // namespace ctgrad
