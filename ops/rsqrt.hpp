#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// 1 / sqrt(x)
struct Rsqrt : Unary<Rsqrt> {
  static constexpr auto name = "rsqrt";
  static constexpr Samples samples() { return sample::unary(Domain::positive); }

  template <class T>
  static T apply(T x) {
    return 1 / std::sqrt(x);
  }
  /// Divides the tangent: result / x alone vanishes in float at 1e32, and with it the slope of x rsqrt(x^2).
  static constexpr Value tangent(const TangentArguments& t) {
    return (-0.5 * t.result) * (t.tangents[0] / t.operands[0]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value rsqrt(Value x) { return emit<ops::Rsqrt>(x); }

/// 1 / sqrt(x) of every element; inf at 0, NaN below.
template <Size... D>
constexpr Tensor<D...> rsqrt(const Tensor<D...>& x) {
  return Tensor<D...>{rsqrt(x.in(graph_of(x)))};
}

}  // namespace ctgrad
