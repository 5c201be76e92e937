#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/exponentials.hpp>
#include <ctgrad/ops/rows.hpp>
#include <ctgrad/ops/sum.hpp>

namespace ctgrad::ops {

/// x - log(sum(exp(x))) along the last axis; -inf where a row is -inf alone.
struct LogSoftmax : RowMap<LogSoftmax> {
  static constexpr auto name = "log_softmax";
  static auto onnx(const auto& x) { return along("LogSoftmax", -1, x[0]); }
  static constexpr Samples samples() {
    Samples samples = row_samples();
    samples.accepted.push_back({{sample::real(2, 0)}});
    return samples;
  }

  template <Size Width, class T>
  static void row(T* y, const T* x, const Attributes&) {
    kernels::log_softmax_row<Width>(y, x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value dx = t.tangents[0];
    return dx - sum_last(exp(t.result) * dx);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value log_softmax(Value x) { return emit<ops::LogSoftmax>(x); }

/// The logarithm of the softmax along the last axis.
template <Size... D>
constexpr auto log_softmax(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 1, "log_softmax: a scalar has no last axis");
  return Tensor<D...>{log_softmax(x.in(graph_of(x)))};
}

}  // namespace ctgrad
