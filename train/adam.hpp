#pragma once

#include <ctgrad/train/flat.hpp>

#include <vector>

namespace ctgrad {

struct AdamOptions {
  double learning_rate = 1e-3;  ///< finite, at least 0
  double beta1 = 0.9;           ///< decay of the mean of the gradients, in [0, 1)
  double beta2 = 0.999;         ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-8;        ///< finite, above 0 in the optimiser's number type
};

/// Adam, over a model's flat buffer. At step t, with gradient g:
///
///     m = beta1 m + (1 - beta1) g          m' = m / (1 - beta1^t)
///     v = beta2 v + (1 - beta2) g^2        v' = v / (1 - beta2^t)
///     parameter -= learning_rate m' / (sqrt(v') + epsilon)
///
/// Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
template <std::floating_point Scalar>
class Adam {
 public:
  /// For a buffer of `size` numbers, both means 0. Throws std::invalid_argument naming an option out of
  /// range.
  explicit Adam(std::size_t size, AdamOptions options = {})
      : options_(options), mean_(size, Scalar{0}), mean_square_(size, Scalar{0}) {
    set_learning_rate(options.learning_rate);
    require_option(options.beta1 >= 0 && options.beta1 < 1, "Adam: beta1", "[0, 1)", options.beta1);
    require_option(options.beta2 >= 0 && options.beta2 < 1, "Adam: beta2", "[0, 1)", options.beta2);
    require_option(static_cast<Scalar>(options.epsilon) > 0 && std::isfinite(options.epsilon),
                   "Adam: epsilon", "a finite number above 0", options.epsilon);
  }

  template <FlatParameters P>
  explicit Adam(const P& parameters, AdamOptions options = {}) : Adam(parameters.size(), options) {}

  /// One step; allocates nothing. Throws std::invalid_argument if a buffer has another size than the
  /// optimiser and NonFiniteGradient if a gradient is infinite or NaN, and has then changed nothing.
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradients) {
    require_update<Scalar>("Adam", mean_.size(), parameters, gradients);
    ++steps_;
    apply(parameters.data(), gradients.data());
  }

  /// One step on a model's parameters; the gradients are a buffer of the same layout.
  template <FlatParameters P, class Gradients>
    requires requires(const Gradients& gradients) { gradients.flat(); }
  void update(P& parameters, const Gradients& gradients) {
    update_named(parameters, [&] { update(parameters.flat(), gradients.flat()); });
  }

  /// The number of steps taken.
  std::uint64_t steps() const { return steps_; }
  std::size_t size() const { return mean_.size(); }
  double learning_rate() const { return options_.learning_rate; }

  /// For the steps to come. Throws std::invalid_argument unless it is finite and at least 0.
  void set_learning_rate(double learning_rate) {
    require_option(learning_rate >= 0 && std::isfinite(learning_rate), "Adam: learning_rate",
                   "a finite number of at least 0", learning_rate);
    options_.learning_rate = learning_rate;
  }

 private:
  void apply(Scalar* __restrict parameters, const Scalar* __restrict gradients) {
    const auto t = static_cast<double>(steps_);
    const double mean_bias = 1 - std::pow(options_.beta1, t);
    const double square_bias = 1 - std::pow(options_.beta2, t);
    const auto beta1 = static_cast<Scalar>(options_.beta1), fresh1 = static_cast<Scalar>(1 - options_.beta1);
    const auto beta2 = static_cast<Scalar>(options_.beta2), fresh2 = static_cast<Scalar>(1 - options_.beta2);
    const auto step = static_cast<Scalar>(options_.learning_rate / mean_bias);
    const auto unbias = static_cast<Scalar>(1 / square_bias);
    const auto epsilon = static_cast<Scalar>(options_.epsilon);
    Scalar* __restrict mean = mean_.data();
    Scalar* __restrict mean_square = mean_square_.data();
    const std::size_t size = mean_.size();
    for (std::size_t i = 0; i < size; ++i) {
      const Scalar gradient = gradients[i];
      mean[i] = beta1 * mean[i] + fresh1 * gradient;
      mean_square[i] = beta2 * mean_square[i] + fresh2 * (gradient * gradient);
      parameters[i] -= step * mean[i] / (std::sqrt(mean_square[i] * unbias) + epsilon);
    }
  }

  AdamOptions options_;
  std::vector<Scalar> mean_;
  std::vector<Scalar> mean_square_;
  std::uint64_t steps_ = 0;
};

template <FlatParameters P>
Adam(const P&, AdamOptions = {}) -> Adam<typename P::Scalar>;

}  // namespace ctgrad
