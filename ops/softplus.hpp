#pragma once

#include <ctgrad/ops/sigmoid.hpp>

#include <cmath>

namespace ctgrad::ops {

/// log(1 + exp(x)) without overflow: its slope is sigmoid(x), its limits are 0 and x.
struct Softplus : Unary<Softplus> {
  static constexpr auto name = "softplus";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x)));
  }
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * sigmoid(t.operands[0]); }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value softplus(Value x) { return emit<ops::Softplus>(x); }

/// log(1 + exp(x)) of every element, without overflow; 0 at -inf.
template <Size... D>
constexpr Tensor<D...> softplus(const Tensor<D...>& x) {
  return Tensor<D...>{softplus(x.in(graph_of(x)))};
}

}  // namespace ctgrad
