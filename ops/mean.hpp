#pragma once

#include <ctgrad/ops/mul.hpp>
#include <ctgrad/ops/sum.hpp>

namespace ctgrad::ops {

/// The mean over the last axis, which stays with extent 1; NaN over none.
constexpr Value mean_last(Value x) {
  return x.absent() ? x : sum_last(x) * (1.0 / static_cast<double>(x.shape().last()));
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The mean over the given axes (negative ones count from the end), or over all when none is given.
template <int... Axes, Size... D>
constexpr auto mean(const Tensor<D...>& x) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "mean: the axis is out of range");
  const auto total = sum<Axes...>(x);
  static_assert(Tensor<D...>::size > 0, "mean: a tensor without elements has no mean");
  return total * (static_cast<double>(decltype(total)::size) / static_cast<double>(Tensor<D...>::size));
}

/// The same, the reduced axes kept with extent 1.
template <int... Axes, Size... D>
constexpr auto mean(const Tensor<D...>& x, Keep) {
  static_assert((axis<Axes>::template exists_in_rank<sizeof...(D)> && ...), "mean: the axis is out of range");
  return reshape_to<ops::reduced_shape<true, Axes...>(Tensor<D...>::shape)>(mean<Axes...>(x));
}

}  // namespace ctgrad
