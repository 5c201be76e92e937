#pragma once

#include <ctgrad/ops/exponentials.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>

namespace ctgrad::ops {

/// a to the power b, as std::pow: 1 where b is 0 or a is 1, NaN for a negative a and a b that is no integer.
struct Power : Binary<Power> {
  static constexpr auto name = "power";
  static constexpr auto onnx = "Pow";
  static constexpr Samples samples() { return sample::binary(Domain::positive, Domain::any); }

  template <class T>
  static T apply(T a, T b) {
    return std::pow(a, b);
  }

  /// By a, b a^(b - 1): 0 where b is 0, for 1 has no slope. A negative power's slope alone may vanish where
  /// that of a power(a, b) does not, so there the tangent is divided. By b, a^b log(a): 0 where a^b is 0.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value a = t.operands[0];
    const Value b = t.operands[1];
    Value by_a;
    if (const Value da = t.tangents[0]; !da.absent()) {
      const Value slope = mul_no_nan(b, emit_broadcast<Power>(a, b - 1));
      by_a = select(less(b, beside(b, 0)), (b * t.result) * (da / a), slope * da);
    }
    const Value db = t.tangents[1];
    return db.absent() ? by_a : by_a + mul_no_nan(t.result, log(a)) * db;
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value pow(Value a, Value b) { return ops::emit_broadcast<ops::Power>(a, b); }

/// a to the power b after broadcasting, as std::pow: NaN for a negative a and a b that is no integer, 1 where
/// b is 0. There its slope by a is 0; where a^b is 0, its slope by b is 0; for a negative a that is NaN.
template <Size... A, Size... B>
constexpr auto pow(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "pow: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{pow(a.in(graph), b.in(graph))};
}
template <Size... D>
constexpr Tensor<D...> pow(double a, const Tensor<D...>& b) {
  return pow(constant<>(a), b);
}

}  // namespace ctgrad
