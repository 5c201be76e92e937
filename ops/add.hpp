#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// a + b
struct Add : Binary<Add> {
  static constexpr auto name = "add";
  static constexpr auto onnx = "Add";
  static constexpr Samples samples() { return sample::binary(Domain::any, Domain::any); }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::added;
  static constexpr bool adds = true;
  static constexpr bool commutes = true;
  static constexpr bool folds = true;

  template <class T>
  static constexpr T apply(T a, T b) {
    return a + b;
  }
  static constexpr Value tangent(const TangentArguments& t);
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value operator+(Value a, Value b) {
  if (a.absent()) return b;
  if (b.absent()) return a;
  return ops::emit_broadcast<ops::Add>(a, b);
}
constexpr Value ops::Add::tangent(const TangentArguments& t) { return t.tangents[0] + t.tangents[1]; }

constexpr Value operator+(Value a, double b) { return a + ops::beside(a, b); }
constexpr Value operator+(double a, Value b) { return ops::beside(b, a) + b; }

/// a + b after broadcasting; a number joins every element.
template <Size... A, Size... B>
constexpr auto operator+(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "add: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{a.in(graph) + b.in(graph)};
}
template <Size... D>
constexpr Tensor<D...> operator+(const Tensor<D...>& a, double b) {
  return a + constant<>(b);
}
template <Size... D>
constexpr Tensor<D...> operator+(double a, const Tensor<D...>& b) {
  return constant<>(a) + b;
}

}  // namespace ctgrad
