#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// e to the power x
struct Exp : Unary<Exp> {
  static constexpr auto name = "exp";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::exp(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return t.result * t.tangents[0]; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value exp(Value x) { return emit<ops::Exp>(x); }

/// e to the power x, element by element; 0 at -inf, inf where it exceeds the scalar type.
template <Size... D>
constexpr Tensor<D...> exp(const Tensor<D...>& x) {
  return Tensor<D...>{exp(x.in(graph_of(x)))};
}

}  // namespace ctgrad
