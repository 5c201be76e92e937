#pragma once

#include <ctgrad/ops/mul.hpp>

namespace ctgrad::ops {

/// a * b, but 0 wherever either is 0, whatever the other is: TensorFlow's multiply_no_nan, but symmetric.
/// While one factor varies, a zero of the other keeps it from the result like a mask: its derivative is 0
/// there, also behind infinite slopes. Where both vary it has the derivative of a product: at 0, the true
/// slope of mul_no_nan(sqrt(x), sqrt(x)) is 1, and what comes out is sqrt(0) inf, NaN.
struct MulNoNan : Binary<MulNoNan> {
  static constexpr auto name = "mul_no_nan";
  static auto onnx(const auto& x) {
    return where(either(equal(x[0], 0), equal(x[1], 0)), x.number(0), x[0] * x[1]);
  }
  static constexpr Samples samples() { return sample::binary(Domain::any, Domain::any); }
  static constexpr Linearity linearity = Linearity::bilinear;
  static constexpr bool commutes = true;

  template <class T>
  static T apply(T a, T b) {
    const T product = a * b;
    return a == 0 || b == 0 ? 0 : product;
  }
  static constexpr Value transpose(const TransposeArguments& t) {
    return emit<MulNoNan>(t.cotangent, t.operands[1 - t.operand]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value mul_no_nan(Value a, Value b) {
  if (a.absent() || b.absent()) return {};
  return ops::emit_broadcast<ops::MulNoNan>(a, b);
}

/// a * b, but 0 wherever either is 0, also where the other is infinite or NaN.
template <Size... A, Size... B>
constexpr auto mul_no_nan(const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "mul_no_nan: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>{mul_no_nan(a.in(graph), b.in(graph))};
}

}  // namespace ctgrad
