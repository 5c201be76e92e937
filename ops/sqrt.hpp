#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// The square root; NaN below 0. Its slope at 0 is inf.
struct Sqrt : Unary<Sqrt> {
  static constexpr auto name = "sqrt";
  static constexpr Samples samples() { return sample::unary(Domain::positive); }

  template <class T>
  static T apply(T x) {
    return std::sqrt(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return (0.5 / t.result) * t.tangents[0]; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value sqrt(Value x) { return emit<ops::Sqrt>(x); }

/// The square root of every element; NaN below 0, and the slope at 0 is inf.
template <Size... D>
constexpr Tensor<D...> sqrt(const Tensor<D...>& x) {
  return Tensor<D...>{sqrt(x.in(graph_of(x)))};
}

}  // namespace ctgrad
