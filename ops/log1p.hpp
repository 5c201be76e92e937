#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// log(1 + x) with all digits where x is small; -inf at -1, NaN below.
struct Log1p : Unary<Log1p> {
  static constexpr auto name = "log1p";
  static constexpr Samples samples() { return sample::unary(Domain::positive); }

  template <class T>
  static T apply(T x) {
    return std::log1p(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return (1 / (1 + t.operands[0])) * t.tangents[0];
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value log1p(Value x) { return emit<ops::Log1p>(x); }

/// log(1 + x) of every element, with all digits where x is small; -inf at -1, NaN below.
template <Size... D>
constexpr Tensor<D...> log1p(const Tensor<D...>& x) {
  return Tensor<D...>{log1p(x.in(graph_of(x)))};
}

}  // namespace ctgrad
