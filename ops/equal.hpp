#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// a == b; false where either is NaN.
struct Equal : Comparison<Equal> {
  static constexpr auto name = "equal";
  static constexpr auto onnx = "Equal";

  template <class T>
  static bool apply(T a, T b) {
    return a == b;
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value equal(Value a, Value b) { return ops::emit_broadcast<ops::Equal>(a, b); }

/// a == b after broadcasting, of two tensors of a kind or of one and a number; false where either is NaN.
template <Kind K, Size... A, Size... B>
constexpr auto operator==(const Array<K, A...>& a, const Array<K, B...>& b) {
  static_assert(shapes<Array<K, A...>, Array<K, B...>>::broadcast, "equal: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::mask, Array<K, A...>, Array<K, B...>>{equal(a.in(graph), b.in(graph))};
}
template <Kind K, Size... D>
constexpr Mask<D...> operator==(const Array<K, D...>& a, double b) {
  return a == literal<K>(b);
}
template <Kind K, Size... D>
constexpr Mask<D...> operator==(double a, const Array<K, D...>& b) {
  return literal<K>(a) == b;
}
}  // namespace ctgrad
