#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// The logistic function 1 / (1 + exp(-x)); exactly 0 and 1 at -inf and inf.
struct Sigmoid : Unary<Sigmoid> {
  static constexpr auto name = "sigmoid";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return 1 / (1 + std::exp(-x));
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (t.result * (1 - t.result));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value sigmoid(Value x) { return emit<ops::Sigmoid>(x); }

/// 1 / (1 + exp(-x)) of every element, in [0, 1].
template <Size... D>
constexpr Tensor<D...> sigmoid(const Tensor<D...>& x) {
  return Tensor<D...>{sigmoid(x.in(graph_of(x)))};
}

}  // namespace ctgrad
