#pragma once

#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/reduction.hpp>

namespace ctgrad::ops {

/// The sum over the marked axes; 0 over none.
struct Sum : Reduction<Sum> {
  static constexpr auto name = "sum";
  static auto onnx(const auto& x) {
    return x.shape(0).size() == 0 ? x.filled(0) : sum_over(x[0], x.marked_axes());
  }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::reduced;

  template <class T>
  static constexpr T identity = 0;
  template <class T>
  static T combine(T a, T b) {
    return a + b;
  }
  static constexpr std::optional<double> fold(const FoldArguments& f) {
    if (f.result.shape.size() == 0) return std::nullopt;
    const Size terms = f.operands[0].shape.size() / f.result.shape.size();
    return f.numbers[0] * static_cast<double>(terms);
  }
  static constexpr Value transpose(const TransposeArguments& t) {
    return broadcast_to(t.cotangent, t.operand_type.shape);
  }
};

constexpr Value sum(Value x, const bool (&axes)[max_rank]) { return emit_reduction<Sum>(x, axes); }

/// The sum over the last axis, which stays with extent 1.
constexpr Value sum_last(Value x) {
  if (x.absent()) return x;
  bool axes[max_rank] = {};
  axes[x.shape().rank - 1] = true;
  return sum(x, axes);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The sum over the given axes (negative ones count from the end), or over all when none is given.
template <int... Axes, Size... D>
constexpr auto sum(const Tensor<D...>& x) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "sum: the axis is out of range");
  using Result = array_of<Kind::real, ops::reduced_shape<false, Axes...>(Tensor<D...>::shape)>;
  const ops::ReducedAxes<Axes...> axes(sizeof...(D));
  return Result{ops::reshape(ops::sum(x.in(graph_of(x)), axes.marked), Result::shape)};
}

/// The same, the summed axes kept with extent 1.
template <int... Axes, Size... D>
constexpr auto sum(const Tensor<D...>& x, Keep) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "sum: the axis is out of range");
  using Result = array_of<Kind::real, ops::reduced_shape<true, Axes...>(Tensor<D...>::shape)>;
  return reshape_to<Result::shape>(sum<Axes...>(x));
}

}  // namespace ctgrad
