#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>

/// Sine and cosine, each the other's slope; x in radians.
namespace ctgrad {

constexpr Value sin(Value x);
constexpr Value cos(Value x);

namespace ops {

/// sin(x)
struct Sin : Unary<Sin> {
  static constexpr auto name = "sin";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::sin(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return cos(t.operands[0]) * t.tangents[0]; }
};

/// cos(x)
struct Cos : Unary<Cos> {
  static constexpr auto name = "cos";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::cos(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return -sin(t.operands[0]) * t.tangents[0]; }
};

}  // namespace ops

constexpr Value sin(Value x) { return emit<ops::Sin>(x); }
constexpr Value cos(Value x) { return emit<ops::Cos>(x); }

/// The sine of every element, in radians; NaN at -inf and inf.
template <Size... D>
constexpr Tensor<D...> sin(const Tensor<D...>& x) {
  return Tensor<D...>{sin(x.in(graph_of(x)))};
}
/// The cosine of every element, in radians; NaN at -inf and inf.
template <Size... D>
constexpr Tensor<D...> cos(const Tensor<D...>& x) {
  return Tensor<D...>{cos(x.in(graph_of(x)))};
}

}  // namespace ctgrad
