#pragma once

#include <ctgrad/kernels/fused.hpp>
#include <ctgrad/runtime/pages.hpp>
#include <ctgrad/train/optimizer.hpp>

#include <vector>

namespace ctgrad {

struct AdamOptions {
  double learning_rate = 1e-3;  ///< finite in the optimiser's number type, at least 0
  double beta1 = 0.9;           ///< decay of the mean of the gradients, in [0, 1)
  double beta2 = 0.999;         ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-8;        ///< finite, above 0 in the optimiser's number type
};

/// What Adam and AdamW share: the two means, and a pass over a part of the buffer.
template <class Derived, std::floating_point Scalar>
class AdamMeans : public Optimizer<Derived, Scalar> {
 public:
  /// Both means, before the correction of their bias.
  std::array<StateBuffer<Scalar>, 2> state() {
    return {{{"mean", mean_}, {"mean_square", mean_square_, io::Values::nonnegative}}};
  }
  std::array<StateBuffer<const Scalar>, 2> state() const {
    return {{{"mean", mean_}, {"mean_square", mean_square_, io::Values::nonnegative}}};
  }

 protected:
  static constexpr bool squares = true;

  AdamMeans(const char* name, std::size_t size, AdamOptions options)
      : Optimizer<Derived, Scalar>(name, size, options.learning_rate),
        options_(options),
        mean_(size, Scalar{0}),
        mean_square_(size, Scalar{0}) {
    this->require(options.beta1 >= 0 && options.beta1 < 1, "beta1", "[0, 1)", options.beta1);
    this->require(options.beta2 >= 0 && options.beta2 < 1, "beta2", "[0, 1)", options.beta2);
    this->require(finite_as<Scalar>(options.epsilon) && static_cast<Scalar>(options.epsilon) > 0, "epsilon",
                  "a finite number above 0", options.epsilon);
  }

  static constexpr bool has_decay = false;

  /// What a step goes by, beside the learning rate and what is said of ranges.
  auto options() const {
    return std::array{StepOption{"beta1", options_.beta1}, StepOption{"beta2", options_.beta2},
                      StepOption{"epsilon", options_.epsilon}};
  }

  /// Takes the step after those taken, by gradients times the factor. Throws NonFiniteNumber, and has changed
  /// nothing then, if a rate or a decay is not finite.
  void apply(Scalar* parameters, const Scalar* gradients, Scalar factor) {
    const Step step = next_step(factor);
    this->for_each_range([&](std::size_t, const UpdateRange& range) { rate(step, range), kept(range); });
    this->for_each_part([&](std::size_t begin, std::size_t end, const UpdateRange& range) {
      const Scalar own = Derived::has_decay ? kept(range) : Scalar{1};
      pass(step, begin, end, rate(step, range), own, parameters, gradients);
    });
  }

 private:
  /// What a step knows before it sees a parameter.
  struct Step {
    Scalar factor, beta1, fresh1, beta2, fresh2, unbias, epsilon;
    double mean_bias;
  };

  Step next_step(Scalar factor) const {
    const auto t = static_cast<double>(this->steps() + 1);
    const double square_bias = 1 - std::pow(options_.beta2, t);
    return {.factor = factor,
            .beta1 = static_cast<Scalar>(options_.beta1),
            .fresh1 = static_cast<Scalar>(1 - options_.beta1),
            .beta2 = static_cast<Scalar>(options_.beta2),
            .fresh2 = static_cast<Scalar>(1 - options_.beta2),
            .unbias = static_cast<Scalar>(1 / square_bias),
            .epsilon = static_cast<Scalar>(options_.epsilon),
            .mean_bias = 1 - std::pow(options_.beta1, t)};
  }

  Scalar rate(const Step& step, const UpdateRange& range) const {
    return this->finite("learning_rate / (1 - beta1^t)",
                        this->learning_rate() * range.rate_factor / step.mean_bias);
  }

  /// What a step keeps of a parameter, beside what the gradient says.
  Scalar kept(const UpdateRange& range) const {
    return this->finite("1 - learning_rate weight_decay",
                        1 - this->learning_rate() * range.rate_factor * range.weight_decay);
  }

  /// Takes a step on elements [begin, end); each parameter is multiplied by `kept` first.
  void pass(const Step& step, std::size_t begin, std::size_t end, Scalar rate, Scalar kept,
            Scalar* __restrict parameters, const Scalar* __restrict gradients) {
    const auto [factor, beta1, fresh1, beta2, fresh2, unbias, epsilon, mean_bias] = step;
    Scalar* __restrict mean = mean_.data();
    Scalar* __restrict mean_square = mean_square_.data();
    for (std::size_t i = begin; i < end; ++i) {
      const Scalar gradient = factor * gradients[i];
      mean[i] = kernels::fused(beta1, mean[i], fresh1 * gradient);
      mean_square[i] = kernels::fused(beta2, mean_square[i], fresh2 * (gradient * gradient));
      const Scalar change = rate * mean[i] / (std::sqrt(mean_square[i] * unbias) + epsilon);
      parameters[i] = kernels::fused(kept, parameters[i], -change);
    }
  }

  AdamOptions options_;
  std::vector<Scalar, runtime::PageAllocator<Scalar>> mean_;
  std::vector<Scalar, runtime::PageAllocator<Scalar>> mean_square_;
};

/// Adam, over a model's flat buffer. At step t, with gradient g:
///
///     m = beta1 m + (1 - beta1) g          m' = m / (1 - beta1^t)
///     v = beta2 v + (1 - beta2) g^2        v' = v / (1 - beta2^t)
///     parameter -= learning_rate m' / (sqrt(v') + epsilon)
///
/// Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
template <std::floating_point Scalar>
class Adam : public AdamMeans<Adam<Scalar>, Scalar> {
 public:
  /// For a buffer of `size` numbers, both means 0. Throws std::invalid_argument naming an option out of
  /// range.
  explicit Adam(std::size_t size, AdamOptions options = {})
      : AdamMeans<Adam, Scalar>("Adam", size, options) {}

  template <FlatParameters P>
  explicit Adam(const P& parameters, AdamOptions options = {}) : Adam(parameters.size(), options) {
    this->set_layout(parameters);
  }

 private:
  friend class Optimizer<Adam, Scalar>;
};

template <FlatParameters P>
Adam(const P&, AdamOptions = {}) -> Adam<typename P::Scalar>;

}  // namespace ctgrad
