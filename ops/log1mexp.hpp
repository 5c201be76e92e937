#pragma once

#include <ctgrad/ops/expm1.hpp>

#include <cmath>
#include <numbers>

namespace ctgrad::ops {

/// log(1 - exp(-x)): -inf at 0, where the slope is inf; NaN below. Source: Maechler, "Accurately computing
/// log(1 - exp(-|a|))", 2012.
struct Log1mexp : Unary<Log1mexp> {
  static constexpr auto name = "log1mexp";
  static constexpr Samples samples() { return sample::unary(Domain::positive); }

  template <class T>
  static T apply(T x) {
    return x < static_cast<T>(std::numbers::ln2) ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x));
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = t.operands[0];
    return (exp(-x) / -expm1(-x)) * t.tangents[0];
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value log1mexp(Value x) { return emit<ops::Log1mexp>(x); }

/// log(1 - exp(-x)) of every element, with all digits for x > 0; -inf at 0, NaN below.
template <Size... D>
constexpr Tensor<D...> log1mexp(const Tensor<D...>& x) {
  return Tensor<D...>{log1mexp(x.in(graph_of(x)))};
}

}  // namespace ctgrad
