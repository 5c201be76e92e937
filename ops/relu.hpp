#pragma once

#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/select.hpp>

namespace ctgrad::ops {

/// max(x, 0); NaN stays NaN. Its slope at 0 is 0.
struct Relu : Unary<Relu> {
  static constexpr auto name = "relu";
  static constexpr Samples samples() { return sample::unary(Domain::apart); }

  template <class T>
  static T apply(T x) {
    return x < 0 ? 0 : x;
  }
  /// From the result, which the next layer keeps anyway; a NaN is no branch that was not taken.
  static constexpr Value tangent(const TangentArguments& t) {
    return select(less_equal(t.result, beside(t.result, 0)), {}, t.tangents[0]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value relu(Value x) { return emit<ops::Relu>(x); }

/// max(x, 0) of every element; NaN stays NaN, and the slope at 0 is 0.
template <Size... D>
constexpr Tensor<D...> relu(const Tensor<D...>& x) {
  return Tensor<D...>{relu(x.in(graph_of(x)))};
}

}  // namespace ctgrad
