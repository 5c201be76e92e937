#pragma once

#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/cross_entropy.hpp>
#include <ctgrad/ops/mean.hpp>

/// Losses that are compositions: of real targets, and of targets that are yes or no.
namespace ctgrad {

/// The mean squared error, mean((prediction - target)^2) over all elements.
template <Size... D, Size... T>
constexpr Tensor<> mse(const Tensor<D...>& prediction, const Tensor<T...>& target) {
  static_assert(shapes<Tensor<D...>, Tensor<T...>>::equal,
                "mse: predictions and targets have different shapes");
  return mean(square(prediction - target));
}

/// -(t log p + (1 - t) log(1 - p)) of every element, p = sigmoid(logit): logits and targets [...] -> [...].
/// A target is 0, 1 or a probability between them: that is not checked. It keeps its digits and is never NaN
/// for any logits: where t is 1 or 0, a logit of inf or -inf that agrees has the loss 0.
template <Size... D, Size... T>
constexpr auto binary_cross_entropies(const Tensor<D...>& logits, const Tensor<T...>& targets) {
  static_assert(shapes<Tensor<D...>, Tensor<T...>>::equal,
                "binary_cross_entropy: logits and targets have different shapes");
  return mul_no_nan(targets, softplus(-logits)) + mul_no_nan(1 - targets, softplus(logits));
}

/// The mean binary cross-entropy over all elements.
template <Size... D, Size... T>
constexpr Tensor<> binary_cross_entropy(const Tensor<D...>& logits, const Tensor<T...>& targets) {
  return mean(binary_cross_entropies(logits, targets));
}

/// The mean over all elements, weighted: sum(w * loss) / sum(w), weights [...]. An element of weight 0 is
/// ignored, whatever its logit and target hold, and takes no gradient; where all are, the loss is 0.
template <Size... D, Size... T, Size... W>
constexpr WeightedMean binary_cross_entropy(const Tensor<D...>& logits, const Tensor<T...>& targets,
                                            const Tensor<W...>& weights) {
  static_assert(shapes<Tensor<D...>, Tensor<T...>>::equal,
                "binary_cross_entropy: logits and targets have different shapes");
  static_assert(shapes<Tensor<D...>, Tensor<W...>>::equal,
                "binary_cross_entropy: logits and weights have different shapes");
  const auto ignored = weights == 0;
  const auto losses = binary_cross_entropies(select(ignored, 0, logits), select(ignored, 0, targets));
  return ops::weighted_mean(losses, weights);
}

}  // namespace ctgrad
