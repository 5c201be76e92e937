#pragma once

#include <ctgrad/ops/mul.hpp>
#include <ctgrad/ops/sub.hpp>

namespace ctgrad::ops {

/// a / b by IEEE 754: 1/0 is inf, 0/0 is NaN.
struct Div : Binary<Div> {
  static constexpr auto name = "div";
  static constexpr auto onnx = "Div";
  static constexpr Samples samples() { return sample::binary(Domain::any, Domain::nonzero); }
  static constexpr ZeroRule zero_rule = ZeroRule::divided;

  template <class T>
  static constexpr T apply(T a, T b) {
    return a / b;
  }
  /// No constant expression divides by 0.
  static constexpr std::optional<double> fold(const FoldArguments& f) {
    return f.numbers[1] == 0 ? std::nullopt : fold_elements<Div>(f);
  }
  static constexpr Value tangent(const TangentArguments& t);
  static constexpr Value transpose(const TransposeArguments& t);
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value operator/(Value a, Value b) {
  if (a.absent()) return {};
  return ops::emit_broadcast<ops::Div>(a, b);
}
constexpr Value operator/(Value a, double b) { return a / ops::beside(a, b); }
constexpr Value operator/(double a, Value b) { return ops::beside(b, a) / b; }

constexpr Value ops::Div::tangent(const TangentArguments& t) {
  return (1 / t.operands[1]) * (t.tangents[0] - t.result * t.tangents[1]);
}
/// In the numerator only: a quotient is not linear in its denominator.
constexpr Value ops::Div::transpose(const TransposeArguments& t) { return (1 / t.operands[1]) * t.cotangent; }

/// a / b after broadcasting: inf, -inf or NaN where b is 0; a number joins every element.
template <Size... A, Size... B>
constexpr auto operator/(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "div: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{a.in(graph) / b.in(graph)};
}
template <Size... D>
constexpr Tensor<D...> operator/(const Tensor<D...>& a, double b) {
  return a / constant<>(b);
}
template <Size... D>
constexpr Tensor<D...> operator/(double a, const Tensor<D...>& b) {
  return constant<>(a) / b;
}

}  // namespace ctgrad
