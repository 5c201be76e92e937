#pragma once

#include <ctgrad/ops/clip.hpp>
#include <ctgrad/ops/sigmoid.hpp>

namespace ctgrad::ops {

/// x sigmoid(x), also called swish; its limit 0 at -inf.
struct Silu : Unary<Silu> {
  static constexpr auto name = "silu";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    const T slope = 1 / (1 + std::exp(-x));
    return slope == 0 ? -slope : x * slope;
  }
  /// Far from 0 the slope is exactly 0 or 1; the clip keeps inf * 0 out.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = clip(t.operands[0], -800, 800);
    const Value s = sigmoid(x);
    return t.tangents[0] * (s + x * s * (1 - s));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value silu(Value x) { return emit<ops::Silu>(x); }

/// x sigmoid(x) of every element; 0 at -inf.
template <Size... D>
constexpr Tensor<D...> silu(const Tensor<D...>& x) {
  return Tensor<D...>{silu(x.in(graph_of(x)))};
}

}  // namespace ctgrad
