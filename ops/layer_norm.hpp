#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/mean.hpp>
#include <ctgrad/ops/powers.hpp>
#include <ctgrad/ops/rows.hpp>

/// Layer normalisation (Ba, Kiros and Hinton, 2016) along the last axis.
namespace ctgrad::ops {

constexpr Value inverse_deviation(Value x, double epsilon);

/// As ONNX, what is divided and by what: by the formula and not by LayerNormalization, so that there are two
/// passes by definition, and gradients share the second number. Runtimes find the pattern, with scale and
/// shift, by themselves.
auto centered_in_onnx(const auto& x) { return x[0] - row_mean(x[0]); }
auto deviation_in_onnx(const auto& x) {
  const auto centered = centered_in_onnx(x);
  return x("Sqrt", row_mean(centered * centered) + x.attributes().value);
}

/// (x - mean) / sqrt(variance + epsilon), the variance over n elements, in two passes. Attributes: epsilon.
struct Normalize : RowMap<Normalize> {
  static constexpr auto name = "normalize";
  static auto onnx(const auto& x) { return centered_in_onnx(x) / deviation_in_onnx(x); }
  static constexpr Samples samples() { return row_samples({.value = 0.25}); }

  template <Size Width, class T>
  static void row(T* y, const T* x, const Attributes& epsilon) {
    kernels::normalize_row<Width>(y, x, epsilon.value);
  }
  /// Keeps the result and one number a row.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value y = t.result;
    const Value dx = t.tangents[0];
    return inverse_deviation(t.operands[0], t.attributes.value) *
           (dx - mean_last(dx) - y * mean_last(y * dx));
  }
};

constexpr Value normalize(Value x, double epsilon) {
  Attributes attributes;
  attributes.value = epsilon;
  return emit<Normalize>(attributes, x);
}

/// 1 / sqrt(variance + epsilon) of every row, the last axis kept with extent 1. Attributes: epsilon.
struct InverseDeviation : RowReduction<InverseDeviation> {
  static constexpr auto name = "inverse_deviation";
  static auto onnx(const auto& x) { return x("Reciprocal", deviation_in_onnx(x)); }
  static constexpr Samples samples() { return row_samples({.value = 0.25}); }

  template <Size Width, class T>
  static T row(const T* x, const Attributes& epsilon) {
    return kernels::row_moments<Width>(x, epsilon.value).inverse_deviation;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value along = mean_last(normalize(t.operands[0], t.attributes.value) * t.tangents[0]);
    return -(t.result * (t.result * along));  // the square of either factor may vanish
  }
};

constexpr Value inverse_deviation(Value x, double epsilon) {
  Attributes attributes;
  attributes.value = epsilon;
  return emit<InverseDeviation>(attributes, x);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// Every row of the last axis brought to mean 0 and variance 1; epsilon (0 or more) is added to the variance.
template <Size... D>
constexpr auto normalize(const Tensor<D...>& x, double epsilon = 1e-6) {
  static_assert(sizeof...(D) >= 1, "normalize: a scalar has no last axis");
  static_assert(Tensor<D...>::rank == 0 || Tensor<D...>::shape.last() > 0,
                "normalize: a row without elements");
  if (!(epsilon >= 0)) throw std::invalid_argument("normalize: epsilon is 0 or more");
  return Tensor<D...>{ops::normalize(x.in(graph_of(x)), epsilon)};
}

/// Says whether the extent of an axis is as wanted.
template <Size Extent, Size Wanted>
struct inner_extent {
  static constexpr bool agrees = Extent == Wanted;
};

/// normalize(x) * scale + shift, scale and shift of the last axis' extent.
template <Size... D, Size Width>
constexpr auto layer_norm(const Tensor<D...>& x, const Tensor<Width>& scale, const Tensor<Width>& shift,
                          double epsilon = 1e-6) {
  static_assert(sizeof...(D) >= 1, "layer_norm: a scalar has no last axis");
  static_assert(
      inner_extent<Tensor<D...>::shape.last(), Width>::agrees,
      "layer_norm: the last axis (first number) has another extent than scale and shift (second number)");
  return normalize(x, epsilon) * scale + shift;
}

}  // namespace ctgrad
