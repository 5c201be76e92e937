#pragma once

#include <ctgrad/train/flat.hpp>

#include <vector>

namespace ctgrad {

struct SgdOptions {
  double learning_rate = 1e-2;  ///< finite, at least 0
  double momentum = 0;          ///< in [0, 1); 0 is plain gradient descent
};

/// Stochastic gradient descent with momentum, over a model's flat buffer. With gradient g:
///
///     velocity = momentum velocity + g
///     parameter -= learning_rate velocity
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013,
/// with the learning rate outside the velocity, so that changing it takes effect at once.
template <std::floating_point Scalar>
class Sgd {
 public:
  /// For a buffer of `size` numbers, at rest. Throws std::invalid_argument naming an option out of range.
  explicit Sgd(std::size_t size, SgdOptions options = {}) : options_(options), velocity_(size, Scalar{0}) {
    set_learning_rate(options.learning_rate);
    require_option(options.momentum >= 0 && options.momentum < 1, "Sgd: momentum", "[0, 1)",
                   options.momentum);
  }

  template <FlatParameters P>
  explicit Sgd(const P& parameters, SgdOptions options = {}) : Sgd(parameters.size(), options) {}

  /// One step; allocates nothing. Throws std::invalid_argument if a buffer has another size than the
  /// optimiser and NonFiniteGradient if a gradient is infinite or NaN, and has then changed nothing.
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradients) {
    require_update<Scalar>("Sgd", velocity_.size(), parameters, gradients);
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
  std::size_t size() const { return velocity_.size(); }
  double learning_rate() const { return options_.learning_rate; }

  /// For the steps to come. Throws std::invalid_argument unless it is finite and at least 0.
  void set_learning_rate(double learning_rate) {
    require_option(learning_rate >= 0 && std::isfinite(learning_rate), "Sgd: learning_rate",
                   "a finite number of at least 0", learning_rate);
    options_.learning_rate = learning_rate;
  }

 private:
  void apply(Scalar* __restrict parameters, const Scalar* __restrict gradients) {
    const auto rate = static_cast<Scalar>(options_.learning_rate);
    const auto momentum = static_cast<Scalar>(options_.momentum);
    Scalar* __restrict velocity = velocity_.data();
    const std::size_t size = velocity_.size();
    for (std::size_t i = 0; i < size; ++i) {
      velocity[i] = momentum * velocity[i] + gradients[i];
      parameters[i] -= rate * velocity[i];
    }
  }

  SgdOptions options_;
  std::vector<Scalar> velocity_;
  std::uint64_t steps_ = 0;
};

template <FlatParameters P>
Sgd(const P&, SgdOptions = {}) -> Sgd<typename P::Scalar>;

}  // namespace ctgrad
