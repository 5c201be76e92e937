#pragma once

#include <ctgrad/kernels/parts.hpp>
#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/sum.hpp>

#include <limits>

namespace ctgrad::ops {

/// The maximum over the marked axes; -inf over none, NaN where there is one. Equal maxima share the gradient.
struct Max : Reduction<Max> {
  static constexpr auto name = "max";
  static auto onnx(const auto& x) {
    if (x.shape(0).size() == 0) return x.filled(-std::numeric_limits<double>::infinity());
    return reduced("ReduceMax", x[0], x.marked_axes());
  }
  static constexpr Linearity linearity = Linearity::nonlinear;

  template <class T>
  static constexpr T identity = -std::numeric_limits<T>::infinity();
  template <class T>
  static T combine(T a, T b) {
    return ((a > b) | kernels::is_nan_of(a)) ? a : b;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    if (t.operands[0].shape().size() == 0) return {};
    bool axes[max_rank] = {};
    for (int axis = 0; axis < max_rank; ++axis) axes[axis] = t.attributes.integers[axis] != 0;
    const Value below = less(t.operands[0], t.result);  // nowhere if the maximum is NaN
    const Value count = sum(select(below, {}, beside(t.result, 1)), axes);
    return sum(select(below, {}, t.tangents[0]), axes) / count;
  }
};

constexpr Value max(Value x, const bool (&axes)[max_rank]) { return emit_reduction<Max>(x, axes); }

}  // namespace ctgrad::ops

namespace ctgrad {

/// The maximum over the given axes (negative ones count from the end), or over all when none is given.
template <int... Axes, Size... D>
constexpr auto max(const Tensor<D...>& x) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "max: the axis is out of range");
  using Result = array_of<Kind::real, ops::reduced_shape<false, Axes...>(Tensor<D...>::shape)>;
  const ops::ReducedAxes<Axes...> axes(sizeof...(D));
  return Result{ops::reshape(ops::max(x.in(graph_of(x)), axes.marked), Result::shape)};
}

/// The same, the reduced axes kept with extent 1.
template <int... Axes, Size... D>
constexpr auto max(const Tensor<D...>& x, Keep) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "max: the axis is out of range");
  using Result = array_of<Kind::real, ops::reduced_shape<true, Axes...>(Tensor<D...>::shape)>;
  return reshape_to<Result::shape>(max<Axes...>(x));
}

}  // namespace ctgrad
