#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// a <= b; false where either is NaN.
struct LessEqual : Comparison<LessEqual> {
  static constexpr auto name = "less_equal";
  static constexpr auto onnx = "LessOrEqual";

  template <class T>
  static bool apply(T a, T b) {
    return a <= b;
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value less_equal(Value a, Value b) { return ops::emit_broadcast<ops::LessEqual>(a, b); }

/// a <= b after broadcasting, of two tensors of a kind or of one and a number; false where either is NaN.
template <Kind K, Size... A, Size... B>
constexpr auto operator<=(const Array<K, A...>& a, const Array<K, B...>& b) {
  static_assert(shapes<Array<K, A...>, Array<K, B...>>::broadcast, "less_equal: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::mask, Array<K, A...>, Array<K, B...>>{less_equal(a.in(graph), b.in(graph))};
}
template <Kind K, Size... D>
constexpr Mask<D...> operator<=(const Array<K, D...>& a, double b) {
  return a <= literal<K>(b);
}
template <Kind K, Size... D>
constexpr Mask<D...> operator<=(double a, const Array<K, D...>& b) {
  return literal<K>(a) <= b;
}

/// a >= b, as b <= a.
template <Kind K, Size... A, class B>
constexpr auto operator>=(const Array<K, A...>& a, const B& b) {
  return b <= a;
}
template <Kind K, Size... D>
constexpr Mask<D...> operator>=(double a, const Array<K, D...>& b) {
  return b <= a;
}
}  // namespace ctgrad
