#pragma once

#include <ctgrad/runtime/parameters.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/require.hpp>

#include <cmath>
#include <cstring>

/// Gradient accumulation: one update by the gradients of several batches.
namespace ctgrad {

/// The sum of losses and gradients of the model T over batches, in the order in which they come; its
/// rounding errors do not grow with their number:
///
///     for (int i = 0; i < 4; ++i) sum.add(step(parameters, ...));
///     adam.update(parameters, sum.mean());
///     sum.clear();
///
/// With a loss that is a mean over its batch, the mean over k batches of n samples is that over one batch of
/// k n samples.
template <class T, class S = float>
class GradientSum {
 public:
  using Model = T;
  using Scalar = S;

  /// A loss and its gradients, as an update takes them.
  struct Result {
    double value;
    ScaledGradients<S, T> gradients;
  };

  GradientSum() : arena_(size() * sizeof(S)), lost_(size() * sizeof(S)) {}

  /// Adds what value_and_grad gives for one batch; allocates nothing. Numbers that are not finite are added
  /// like others: the update refuses them.
  template <LossAndGradients R>
  void add(const R& result) {
    require_same_model<GradientSum, std::remove_cvref_t<decltype(result.gradients)>>();
    if constexpr (requires { result.gradients.view(); }) {
      add(static_cast<double>(result.value), result.gradients.view());
    } else {
      add(static_cast<double>(result.value), result.gradients);
    }
  }
  void add(double loss, const Gradients<T, S>& gradients) {
    const S* __restrict from = gradients.flat().data();
    S* __restrict to = reinterpret_cast<S*>(arena_.data());
    if (count_ < few) {
      for (std::size_t i = 0; i < size(); ++i) to[i] += from[i];
    } else {
      S* __restrict lost = reinterpret_cast<S*>(lost_.data());
      for (std::size_t i = 0; i < size(); ++i) {
        const S added = from[i] - lost[i];
        const S sum = to[i] + added;
        lost[i] = (sum - to[i]) - added;
        to[i] = sum;
      }
    }
    loss_ += loss;
    ++count_;
  }

  /// The means over the batches, a view of this sum. Throws std::invalid_argument if there were none.
  Result mean() const& {
    require_option(count_ > 0, "GradientSum: mean: batches", "at least 1", 0);
    return scaled(1 / static_cast<double>(count_));
  }

  /// The sums times a factor, a view of this sum. Throws std::invalid_argument unless that is finite.
  Result scaled(double factor) const& {
    require_option(is_finite(factor), "GradientSum: scaled: factor", "a finite number", factor);
    return {factor * loss_, {gradients().flat(), factor}};
  }

  /// The sums by the parameters' names, a view of this sum.
  Gradients<T, S> gradients() const& { return Gradients<T, S>(reinterpret_cast<const S*>(arena_.data())); }

  /// A temporary sum would be gone before they are read.
  void mean() const&& = delete;
  void scaled(double factor) const&& = delete;
  void gradients() const&& = delete;

  double loss() const { return loss_; }

  /// The number of batches added.
  std::size_t count() const { return count_; }
  static constexpr std::size_t size() { return Gradients<T, S>::size(); }

  /// Begins anew.
  void clear() {
    arena_.clear();
    if (lost_.is_empty() || count_ > few) lost_.clear();
    loss_ = 0;
    count_ = 0;
  }

 private:
  /// The batches that are added as they come. Behind them what rounding loses is added to the next one:
  /// Kahan, "Further remarks on reducing truncation errors", 1965.
  static constexpr std::size_t few = 64;

  runtime::Arena arena_;
  runtime::Arena lost_;  ///< how much too large every sum is
  double loss_ = 0;
  std::size_t count_ = 0;
};

}  // namespace ctgrad
