#pragma once

#include <ctgrad/train/optimizer.hpp>

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
class Adam : public Optimizer<Adam<Scalar>, Scalar> {
 public:
  /// For a buffer of `size` numbers, both means 0. Throws std::invalid_argument naming an option out of
  /// range.
  explicit Adam(std::size_t size, AdamOptions options = {})
      : Optimizer<Adam, Scalar>("Adam", size, options.learning_rate),
        options_(options),
        mean_(size, Scalar{0}),
        mean_square_(size, Scalar{0}) {
    require_option(options.beta1 >= 0 && options.beta1 < 1, "Adam: beta1", "[0, 1)", options.beta1);
    require_option(options.beta2 >= 0 && options.beta2 < 1, "Adam: beta2", "[0, 1)", options.beta2);
    require_option(static_cast<Scalar>(options.epsilon) > 0 && std::isfinite(options.epsilon),
                   "Adam: epsilon", "a finite number above 0", options.epsilon);
  }

  template <FlatParameters P>
  explicit Adam(const P& parameters, AdamOptions options = {}) : Adam(parameters.size(), options) {}

  /// Both means, before the correction of their bias.
  std::array<StateBuffer<Scalar>, 2> state() { return {{{"mean", mean_}, {"mean_square", mean_square_}}}; }
  std::array<StateBuffer<const Scalar>, 2> state() const {
    return {{{"mean", mean_}, {"mean_square", mean_square_}}};
  }

 private:
  friend class Optimizer<Adam, Scalar>;

  void apply(Scalar* __restrict parameters, const Scalar* __restrict gradients) {
    const auto t = static_cast<double>(this->steps());
    const double mean_bias = 1 - std::pow(options_.beta1, t);
    const double square_bias = 1 - std::pow(options_.beta2, t);
    const auto beta1 = static_cast<Scalar>(options_.beta1), fresh1 = static_cast<Scalar>(1 - options_.beta1);
    const auto beta2 = static_cast<Scalar>(options_.beta2), fresh2 = static_cast<Scalar>(1 - options_.beta2);
    const auto step = static_cast<Scalar>(this->learning_rate() / mean_bias);
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
};

template <FlatParameters P>
Adam(const P&, AdamOptions = {}) -> Adam<typename P::Scalar>;

}  // namespace ctgrad
