#pragma once

#include <ctgrad/ops/exp.hpp>
#include <ctgrad/ops/square.hpp>

#include <numbers>

namespace ctgrad::ops {

/// The error function
struct Erf : Unary<Erf> {
  static constexpr auto name = "erf";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::erf(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (2 * std::numbers::inv_sqrtpi * exp(-square(t.operands[0])));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value erf(Value x) { return emit<ops::Erf>(x); }

/// The error function of every element, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; in [-1, 1].
template <Size... D>
constexpr Tensor<D...> erf(const Tensor<D...>& x) {
  return Tensor<D...>{erf(x.in(graph_of(x)))};
}

}  // namespace ctgrad
