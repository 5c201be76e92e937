#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// x * x
struct Square : Unary<Square> {
  static constexpr auto name = "square";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return x * x;
  }
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * (2 * t.operands[0]); }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value square(Value x) { return emit<ops::Square>(x); }

/// x * x of every element.
template <Size... D>
constexpr Tensor<D...> square(const Tensor<D...>& x) {
  return Tensor<D...>{square(x.in(graph_of(x)))};
}

}  // namespace ctgrad
