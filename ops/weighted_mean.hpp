#pragma once

#include <ctgrad/ops/div.hpp>
#include <ctgrad/ops/equal.hpp>
#include <ctgrad/ops/mul.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/sum.hpp>

namespace ctgrad {

/// A mean by weights, sum(w x) / sum(w), that still knows what it is the quotient of: parts of a batch whose
/// weights differ are joined by these sums, not by their means. What is computed of it is a plain number.
struct WeightedMean : Tensor<> {
  constexpr WeightedMean() = default;
  constexpr WeightedMean(const Tensor<>& mean, const Tensor<>& total_, const Tensor<>& weight_)
      : Tensor<>(mean), total(total_), weight(weight_) {
    if (weight.value.graph != nullptr) ++weight.value.graph->weighted_means;
  }
  constexpr WeightedMean(const WeightedMean&) = default;
  constexpr WeightedMean& operator=(const WeightedMean&) = default;
  ~WeightedMean() = default;
  /// What is assigned from elsewhere is a number, and no weighted mean any more.
  constexpr WeightedMean& operator=(const Tensor<>& number) {
    Tensor<>::operator=(number);
    is_mean = false;
    return *this;
  }

  Tensor<> total;       ///< sum(w x)
  Tensor<> weight;      ///< sum(w)
  bool is_mean = true;  ///< false once something else was assigned
};

namespace ops {

/// The mean over all elements by weights; elements of weight 0 hold finite numbers.
template <Size... D>
constexpr WeightedMean weighted_mean(const Tensor<D...>& x, const Tensor<D...>& weights) {
  const auto weight = sum(weights);
  const auto total = sum(weights * x);
  return {select(weight == 0, 0, total / select(weight == 0, 1, weight)), total, weight};
}

}  // namespace ops

/// The mean of all elements by weights, sum(w x) / sum(w). An element of weight 0 is ignored, whatever it
/// holds, and takes no gradient; where all are, the mean is 0. As the result of a ShardedProgram's function
/// it is the mean over the whole batch.
template <Size... D, Size... W>
constexpr WeightedMean weighted_mean(const Tensor<D...>& x, const Tensor<W...>& weights) {
  static_assert(shapes<Tensor<D...>, Tensor<W...>>::equal,
                "weighted_mean: the weights are not one for every element");
  return ops::weighted_mean(select(weights == 0, 0, x), weights);
}

}  // namespace ctgrad
