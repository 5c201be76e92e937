#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>

namespace ctgrad::ops {

/// The larger of a and b; NaN where either is. At a tie each receives half of the gradient.
struct Maximum : Binary<Maximum> {
  static constexpr auto name = "maximum";
  static constexpr auto onnx = "Max";
  static constexpr Samples samples() { return sample::binary(Domain::apart, Domain::apart); }
  static constexpr bool folds = true;

  template <class T>
  static constexpr T apply(T a, T b) {
    return ((a > b) | is_nan(a)) ? a : b;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value da = t.tangents[0];
    const Value db = t.tangents[1];
    const Value tie = 0.5 * da + 0.5 * db;
    return select(less(t.operands[1], t.operands[0]), da,
                  select(less(t.operands[0], t.operands[1]), db, tie));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value maximum(Value a, Value b) { return ops::emit_broadcast<ops::Maximum>(a, b); }

/// The larger of a and b after broadcasting, NaN where either is; at a tie each takes half of the gradient.
template <Size... A, Size... B>
constexpr auto maximum(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "maximum: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{maximum(a.in(graph), b.in(graph))};
}
template <Size... D>
constexpr Tensor<D...> maximum(const Tensor<D...>& a, double b) {
  return maximum(a, constant<>(b));
}
template <Size... D>
constexpr Tensor<D...> maximum(double a, const Tensor<D...>& b) {
  return maximum(constant<>(a), b);
}

}  // namespace ctgrad
