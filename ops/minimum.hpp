#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>

namespace ctgrad::ops {

/// The smaller of a and b; NaN where either is. At a tie each receives half of the gradient.
struct Minimum : Binary<Minimum> {
  static constexpr auto name = "minimum";
  static constexpr auto onnx = "Min";
  static constexpr Samples samples() { return sample::binary(Domain::apart, Domain::apart); }
  static constexpr bool folds = true;

  template <class T>
  static constexpr T apply(T a, T b) {
    return a < b || is_nan(a) ? a : b;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value da = t.tangents[0];
    const Value db = t.tangents[1];
    const Value tie = 0.5 * da + 0.5 * db;
    return select(less(t.operands[0], t.operands[1]), da,
                  select(less(t.operands[1], t.operands[0]), db, tie));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value minimum(Value a, Value b) { return ops::emit_broadcast<ops::Minimum>(a, b); }

/// The smaller of a and b after broadcasting, NaN where either is; at a tie each takes half of the gradient.
template <Size... A, Size... B>
constexpr auto minimum(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "minimum: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{minimum(a.in(graph), b.in(graph))};
}
template <Size... D>
constexpr Tensor<D...> minimum(const Tensor<D...>& a, double b) {
  return minimum(a, constant<>(b));
}
template <Size... D>
constexpr Tensor<D...> minimum(double a, const Tensor<D...>& b) {
  return minimum(constant<>(a), b);
}

}  // namespace ctgrad
