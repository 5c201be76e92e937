#pragma once

#include <ctgrad/ops/exp.hpp>

#include <cmath>

namespace ctgrad::ops {

/// exp(x) - 1 with all digits where x is small.
struct Expm1 : Unary<Expm1> {
  static constexpr auto name = "expm1";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::expm1(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return exp(t.operands[0]) * t.tangents[0]; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value expm1(Value x) { return emit<ops::Expm1>(x); }

/// exp(x) - 1 of every element, with all digits where x is small; -1 at -inf.
template <Size... D>
constexpr Tensor<D...> expm1(const Tensor<D...>& x) {
  return Tensor<D...>{expm1(x.in(graph_of(x)))};
}

}  // namespace ctgrad
