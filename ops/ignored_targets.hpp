#pragma once

#include <ctgrad/ops/replace_ids.hpp>
#include <ctgrad/ops/soft_cross_entropy.hpp>

/// Cross-entropy with targets that are no classes: rows to be left out, marked in the targets themselves.
namespace ctgrad {

/// The target of rows that count for nothing. -100 is PyTorch's ignore_index; others write -1.
struct IgnoreIndex {
  std::int32_t target = -100;
};

namespace ops {

/// Targets of which all are classes, and whether each was one before.
template <Size... T>
struct MarkedTargets {
  constexpr MarkedTargets(const Index<T...>& given, IgnoreIndex ignore)
      : ignored(given == ignore.target), classes(replace_ids(given.in(graph_of(given)), ignore.target, 0)) {}

  constexpr Tensor<T...> weights() const { return select(ignored, 0, ctgrad::ones<T...>()); }
  constexpr Tensor<T...> weights(const Tensor<T...>& others) const { return select(ignored, 0, others); }

  Mask<T...> ignored;
  Index<T...> classes;
};

}  // namespace ops

/// The mean cross-entropy over the rows whose target is not the ignored one: logits [..., V], targets [...]
/// in [0, V) or that one. What an ignored row holds reaches neither the loss nor a gradient. Where all rows
/// are ignored, the loss is 0 and so are the gradients, as where all weights are 0 (PyTorch gives NaN).
/// LabelSmoothing may follow. Running with any other target outside [0, V) throws std::out_of_range before
/// any result has changed.
template <Size... D, Size... T, std::same_as<LabelSmoothing>... Smoothing>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets, IgnoreIndex ignore,
                             Smoothing... smoothing) {
  const ops::MarkedTargets<T...> marked(targets, ignore);
  return cross_entropy(logits, marked.classes, marked.weights(), smoothing...);
}

/// The weighted mean over these rows; LabelSmoothing may follow.
template <Size... D, Size... T, Size... W, std::same_as<LabelSmoothing>... Smoothing>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets,
                             const Tensor<W...>& weights, IgnoreIndex ignore, Smoothing... smoothing) {
  static_assert(shapes<Index<T...>, Tensor<W...>>::equal,
                "cross_entropy: the weights are not one for every row of logits");
  const ops::MarkedTargets<T...> marked(targets, ignore);
  return cross_entropy(logits, marked.classes, marked.weights(weights), smoothing...);
}

}  // namespace ctgrad
