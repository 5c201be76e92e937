#pragma once

#include <ctgrad/kernels/norm.hpp>
#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/rows.hpp>
#include <ctgrad/ops/sum.hpp>

/// The Euclidean norm. No square of a number, however large or small, overflows or vanishes on the way.
namespace ctgrad::ops {

/// Rows far from 0, where neither norm nor unit vector has a derivative and differences tell little near by.
constexpr Samples norm_samples() {
  Samples samples = row_samples();
  samples.accepted.push_back({{sample::real(2, 0)}});
  for (Sample& sample : samples.accepted) sample.operands[0].domain = Domain::nonzero;
  return samples;
}

/// As ONNX, a row over its largest magnitude, so that no square overflows or vanishes, and the norm of that;
/// a row of zeros stays one.
template <class Term>
struct ScaledRowInOnnx {
  Term largest, is_zero, scaled, norm;

  ScaledRowInOnnx(const auto& x, const Term& row)
      : largest(row_max(x("Abs", row))),
        is_zero(equal(largest, 0)),
        scaled(row / where(is_zero, x.number(1), largest)),
        norm(x("Sqrt", row_sum(scaled * scaled))) {}
};

/// x / norm(x) of every row of the last axis; 0 where the row is 0.
struct Unit : RowMap<Unit> {
  static constexpr auto name = "unit";
  static auto onnx(const auto& x) {
    const ScaledRowInOnnx row(x, x[0]);
    return row.scaled / where(row.is_zero, x.number(1), row.norm);
  }
  static constexpr Samples samples() { return norm_samples(); }

  template <Size Width, class T>
  static void row(T* y, const T* x, const Attributes&) {
    kernels::unit_row<Width>(y, x);
  }
  static constexpr Value tangent(const TangentArguments& t);
};

/// sqrt(sum(x^2)) of every row, the last axis kept with extent 1. At a row of zeros its slope is 0, the
/// subgradient of least size; there is no second derivative, and what comes out is infinite or NaN.
struct Norm : RowReduction<Norm> {
  static constexpr auto name = "norm";
  static auto onnx(const auto& x) {
    if (x.shape(0).size() == 0) return x.filled(0);
    const ScaledRowInOnnx row(x, x[0]);
    return row.largest * row.norm;
  }
  static constexpr Samples samples() { return norm_samples(); }

  template <Size Width, class T>
  static T row(const T* x, const Attributes&) {
    return kernels::norm_row<Width>(x);
  }
  static constexpr Value tangent(const TangentArguments& t) {
    return sum_last(emit<Unit>(t.operands[0]) * t.tangents[0]);
  }
};

/// What of dx is at right angles to the row, over the norm.
constexpr Value Unit::tangent(const TangentArguments& t) {
  const Value y = t.result;
  const Value dx = t.tangents[0];
  return (dx - y * sum_last(y * dx)) / emit<Norm>(t.operands[0]);
}

/// The norm over the marked axes, which are dropped; one of extent 1 stays behind the others.
constexpr Value norm(Value x, const bool (&axes)[max_rank]) {
  const Shape from = x.shape();
  std::int32_t order[max_rank] = {};
  int next = 0;
  Shape rows;
  Size width = 1;
  for (const bool reduced : {false, true}) {
    for (int axis = 0; axis < from.rank; ++axis) {
      if (axes[axis] != reduced) continue;
      order[next++] = axis;
      if (reduced) width *= from[axis];
      if (!reduced) rows.push_back(from[axis]);
    }
  }
  rows.push_back(width);
  return emit<Norm>(reshape(permute(x, order), rows));
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The Euclidean norm sqrt(sum(x^2)) over the given axes (negative ones count from the end), or over all when
/// none is given; right also where squares would overflow or vanish. Its slope where all numbers are 0 is 0.
template <int... Axes, Size... D>
constexpr auto norm(const Tensor<D...>& x) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "norm: the axis is out of range");
  using Result = array_of<Kind::real, ops::reduced_shape<false, Axes...>(Tensor<D...>::shape)>;
  const ops::ReducedAxes<Axes...> axes(sizeof...(D));
  return Result{ops::reshape(ops::norm(x.in(graph_of(x)), axes.marked), Result::shape)};
}

/// The norm over the given axes, or over all, each kept with extent 1.
template <int... Axes, Size... D>
constexpr auto norm(const Tensor<D...>& x, Keep) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "norm: the axis is out of range");
  return reshape_to<ops::reduced_shape<true, Axes...>(Tensor<D...>::shape)>(norm<Axes...>(x));
}

}  // namespace ctgrad
