#pragma once

#include <ctgrad/ops/softmax.hpp>

#include <limits>

namespace ctgrad::ops {

/// log(sum(exp(x))) along the last axis, which stays with extent 1; -inf with no gradient where a row is -inf
/// alone.
struct LogSumExp : RowReduction<LogSumExp> {
  static constexpr auto name = "log_sum_exp";
  static auto onnx(const auto& x) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (x.shape(0).size() == 0) return x.filled(-infinity);
    const auto maximum = row_max(x[0]);
    const auto finite = where(equal(x("Abs", maximum), infinity), x.number(0), maximum);
    return finite + x("Log", row_sum(x("Exp", x[0] - finite)));
  }
  static constexpr Samples samples() {
    Samples samples = row_samples();
    samples.accepted.push_back({{sample::real(2, 0)}});
    return samples;
  }

  template <Size Width, class T>
  static T row(const T* x, const Attributes&) {
    return kernels::log_sum_exp_row<Width>(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return sum_last(softmax(t.operands[0]) * t.tangents[0]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value log_sum_exp(Value x) { return emit<ops::LogSumExp>(x); }

/// log(sum(exp(x))) along the last axis, which is dropped.
template <Size... D>
constexpr auto log_sum_exp(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 1, "log_sum_exp: a scalar has no last axis");
  using Result = array_of<Kind::real, dropped_axis(Tensor<D...>::shape, -1)>;
  return Result{ops::reshape(log_sum_exp(x.in(graph_of(x))), Result::shape)};
}

}  // namespace ctgrad
