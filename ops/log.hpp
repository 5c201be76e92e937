#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

namespace ctgrad::ops {

/// The natural logarithm; -inf at 0, NaN below.
struct Log : Unary<Log> {
  static constexpr auto name = "log";
  static constexpr Samples samples() { return sample::unary(Domain::positive); }

  template <class T>
  static T apply(T x) {
    return std::log(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return (1 / t.operands[0]) * t.tangents[0]; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value log(Value x) { return emit<ops::Log>(x); }

/// The natural logarithm of every element; -inf at 0, NaN below.
template <Size... D>
constexpr Tensor<D...> log(const Tensor<D...>& x) {
  return Tensor<D...>{log(x.in(graph_of(x)))};
}

}  // namespace ctgrad
