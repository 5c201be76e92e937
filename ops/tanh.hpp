#pragma once

#include <ctgrad/ops/square.hpp>

namespace ctgrad::ops {

/// The hyperbolic tangent
struct Tanh : Unary<Tanh> {
  static constexpr auto name = "tanh";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::tanh(x);
  }
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * (1 - square(t.result)); }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value tanh(Value x) { return emit<ops::Tanh>(x); }

/// The hyperbolic tangent of every element, in [-1, 1].
template <Size... D>
constexpr Tensor<D...> tanh(const Tensor<D...>& x) {
  return Tensor<D...>{tanh(x.in(graph_of(x)))};
}

}  // namespace ctgrad
