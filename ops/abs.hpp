#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>

#include <cmath>

namespace ctgrad::ops {

/// |x|. Its slope at 0 is 0: a number, not a branch that was not taken, so sqrt(|x|) has no slope there.
struct Abs : Unary<Abs> {
  static constexpr auto name = "abs";
  static constexpr Samples samples() { return sample::unary(Domain::apart); }

  template <class T>
  static T apply(T x) {
    return std::abs(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = t.operands[0];
    const Value zero = beside(x, 0);
    const Value sign = select(less(zero, x), beside(x, 1), select(less(x, zero), beside(x, -1), {}));
    return sign * t.tangents[0];
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
