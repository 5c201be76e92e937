#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// a * b
struct Mul : Binary<Mul> {
  static constexpr auto name = "mul";
  static constexpr auto onnx = "Mul";
  static constexpr Samples samples() { return sample::binary(Domain::any, Domain::any); }
  static constexpr Linearity linearity = Linearity::bilinear;
  static constexpr ZeroRule zero_rule = ZeroRule::scaled;
  static constexpr bool folds = true;
  static constexpr bool commutes = true;

  template <class T>
  static constexpr T apply(T a, T b) {
    return a * b;
  }
  static constexpr Value transpose(const TransposeArguments& t) {
    return emit<Mul>(t.cotangent, t.operands[1 - t.operand]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value operator*(Value a, Value b) {
  if (a.absent() || b.absent()) return {};
  return ops::emit_broadcast<ops::Mul>(a, b);
}
constexpr Value operator*(Value a, double b) { return a * ops::beside(a, b); }
constexpr Value operator*(double a, Value b) { return ops::beside(b, a) * b; }

/// a * b after broadcasting, 0 times inf being NaN; a number joins every element.
template <Size... A, Size... B>
constexpr auto operator*(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "mul: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{a.in(graph)*b.in(graph)};
}
template <Size... D>
constexpr Tensor<D...> operator*(const Tensor<D...>& a, double b) {
  return a * constant<>(b);
}
template <Size... D>
constexpr Tensor<D...> operator*(double a, const Tensor<D...>& b) {
  return constant<>(a) * b;
}

}  // namespace ctgrad
