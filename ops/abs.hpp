#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>

#include <cmath>

namespace ctgrad::ops {

/// |x|. Its slope at 0 is 0.
struct Abs : Unary<Abs> {
  static constexpr auto name = "abs";
  static constexpr Samples samples() { return sample::unary(Domain::apart); }

  template <class T>
  static T apply(T x) {
    return std::abs(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value zero = beside(t.result, 0);
    const Value dx = t.tangents[0];
    return select(less(zero, t.operands[0]), dx, select(less(t.operands[0], zero), -dx, {}));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value abs(Value x) { return emit<ops::Abs>(x); }

/// |x| of every element; its slope at 0 is 0.
template <Size... D>
constexpr Tensor<D...> abs(const Tensor<D...>& x) {
  return Tensor<D...>{abs(x.in(graph_of(x)))};
}

}  // namespace ctgrad
