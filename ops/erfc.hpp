#pragma once

#include <ctgrad/ops/exp.hpp>
#include <ctgrad/ops/square.hpp>

#include <numbers>

namespace ctgrad::ops {

/// The complement 1 - erf(x), accurate where erf(x) is near 1.
struct Erfc : Unary<Erfc> {
  static constexpr auto name = "erfc";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::erfc(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (-2 * std::numbers::inv_sqrtpi * exp(-square(t.operands[0])));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value erfc(Value x) { return emit<ops::Erfc>(x); }

/// 1 - erf(x) of every element, with all digits also where erf(x) is near 1; in [0, 2].
template <Size... D>
constexpr Tensor<D...> erfc(const Tensor<D...>& x) {
  return Tensor<D...>{erfc(x.in(graph_of(x)))};
}

}  // namespace ctgrad
