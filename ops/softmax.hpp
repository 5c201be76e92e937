#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/rows.hpp>
#include <ctgrad/ops/sum.hpp>

#include <limits>

namespace ctgrad::ops {

/// exp(x - max) / sum(exp(x - max)) along the last axis; 0 where a row is -inf alone.
struct Softmax : RowMap<Softmax> {
  static constexpr auto name = "softmax";
  /// Behind a mask, which may leave a row of -inf alone; elsewhere such a row gives NaN, as ONNX has it.
  static auto onnx(const auto& x) {
    auto y = along("Softmax", -1, x[0]);
    if (x.operand(0).operation->zero_rule != ZeroRule::chosen) return y;
    return where(equal(row_max(x[0]), -std::numeric_limits<double>::infinity()), x.number(0), y);
  }
  static constexpr bool is_never_negative = true;
  static constexpr Samples samples() {
    Samples samples = row_samples();
    samples.accepted.push_back({{sample::real(2, 0)}});
    return samples;
  }

  template <Size Width, class T>
  static void row(T* y, const T* x, const Attributes&) {
    kernels::softmax_row<Width>(y, x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value y = t.result;
    const Value dx = t.tangents[0];
    return y * (dx - sum_last(y * dx));
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value softmax(Value x) { return emit<ops::Softmax>(x); }

/// Softmax along the last axis: rows sum to 1. A row of -inf alone (all masked) gives 0 and takes no
/// gradient.
template <Size... D>
constexpr auto softmax(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 1, "softmax: a scalar has no last axis");
  return Tensor<D...>{softmax(x.in(graph_of(x)))};
}

}  // namespace ctgrad
