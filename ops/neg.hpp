#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// -x
struct Neg : Unary<Neg> {
  static constexpr auto name = "neg";
  static constexpr Samples samples() { return sample::unary(Domain::any); }
  static constexpr Linearity linearity = Linearity::linear;

  template <class T>
  static T apply(T x) {
    return -x;
  }
  static constexpr Value transpose(const TransposeArguments& t);
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value operator-(Value x) { return x.absent() ? x : emit<ops::Neg>(x); }

constexpr Value ops::Neg::transpose(const TransposeArguments& t) { return -t.cotangent; }

/// -x of every element.
template <Size... D>
constexpr Tensor<D...> operator-(const Tensor<D...>& x) {
  return Tensor<D...>{-x.in(graph_of(x))};
}

}  // namespace ctgrad
