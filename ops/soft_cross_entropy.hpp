#pragma once

#include <ctgrad/ops/cross_entropy.hpp>
#include <ctgrad/ops/log_softmax.hpp>

/// Cross-entropy against distributions over the classes: soft targets, and one-hot targets that are smoothed.
namespace ctgrad {

/// The part of every target that is spread evenly over all classes, in [0, 1]. Source: Szegedy et al.,
/// "Rethinking the inception architecture for computer vision", 2016.
struct LabelSmoothing {
  double amount = 0;
};

/// -sum(p * log softmax(logits)) of every row, p being the probabilities of the classes: logits and
/// probabilities [..., classes] -> [...]. A class of probability 0 counts 0, also where its logit is -inf.
/// Rows of probabilities should sum to 1: that is not checked.
template <Size... D, Size... P>
constexpr auto cross_entropy_rows(const Tensor<D...>& logits, const Tensor<P...>& probabilities) {
  static_assert(sizeof...(D) >= 1, "cross_entropy: a scalar has no last axis");
  static_assert(
      shapes<Tensor<D...>, Tensor<P...>>::equal,
      "cross_entropy: logits and probabilities have different shapes; class ids are an Index, not a "
      "Tensor");
  return -sum<-1>(mul_no_nan(log_softmax(logits), probabilities));
}

/// The mean cross-entropy over all rows against the probabilities of the classes.
template <Size... D, Size... P>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Tensor<P...>& probabilities) {
  return mean(cross_entropy_rows(logits, probabilities));
}

/// The mean weighted as that of ids is: a row of weight 0 is ignored, its probabilities as well; where all
/// are, the loss is 0.
template <Size... D, Size... P, Size... W>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Tensor<P...>& probabilities,
                             const Tensor<W...>& weights) {
  static_assert(
      shapes<Tensor<D...>, Tensor<P...>>::equal,
      "cross_entropy: logits and probabilities have different shapes; class ids are an Index, not a "
      "Tensor");
  const auto rows =
      cross_entropy_rows(ops::without_ignored(logits, weights), ops::without_ignored(probabilities, weights));
  return ops::weighted_mean(rows, weights);
}

/// The cross-entropy of every row against the target's one-hot vector mixed with the even distribution:
/// (1 - a) cross_entropy - a mean(log softmax(logits)), a being `smoothing.amount`. With a above 0 a logit of
/// -inf makes the loss inf: no class may be impossible. Throws std::invalid_argument unless a is in [0, 1].
template <Size... D, Size... T>
constexpr auto cross_entropy_rows(const Tensor<D...>& logits, const Index<T...>& targets,
                                  LabelSmoothing smoothing) {
  const double a = smoothing.amount;
  if (!(a >= 0 && a <= 1)) throw std::invalid_argument("cross_entropy: label smoothing is in [0, 1]");
  const Tensor<T...> hard = cross_entropy_rows(logits, targets);
  if (a == 0) return hard;
  return hard * (1 - a) - mean<-1>(log_softmax(logits)) * a;
}

/// The mean of it over all rows.
template <Size... D, Size... T>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets,
                             LabelSmoothing smoothing) {
  return mean(cross_entropy_rows(logits, targets, smoothing));
}

/// The weighted mean of it. A row of weight 0 is ignored: nothing of it is smoothed either (pytorch#116349);
/// its target is in [0, classes) all the same.
template <Size... D, Size... T, Size... W>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets,
                             const Tensor<W...>& weights, LabelSmoothing smoothing) {
  static_assert(shapes<ops::RowNumbers<Tensor<D...>>, Tensor<T...>>::equal,
                "cross_entropy: the targets are not one for every row of logits");
  const auto rows = cross_entropy_rows(ops::without_ignored(logits, weights), targets, smoothing);
  return ops::weighted_mean(rows, weights);
}

}  // namespace ctgrad
