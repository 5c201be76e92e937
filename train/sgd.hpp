#pragma once

#include <ctgrad/kernels/fused.hpp>
#include <ctgrad/runtime/pages.hpp>
#include <ctgrad/train/optimizer.hpp>

#include <vector>

namespace ctgrad {

struct SgdOptions {
  double learning_rate = 1e-2;  ///< finite in the optimiser's number type, at least 0
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
class Sgd : public Optimizer<Sgd<Scalar>, Scalar> {
 public:
  /// For a buffer of `size` numbers, at rest. Throws std::invalid_argument naming an option out of range.
  explicit Sgd(std::size_t size, SgdOptions options = {})
      : Optimizer<Sgd, Scalar>("Sgd", size, options.learning_rate),
        options_(options),
        velocity_(size, Scalar{0}) {
    this->require(options.momentum >= 0 && options.momentum < 1, "momentum", "[0, 1)", options.momentum);
  }

  template <FlatParameters P>
  explicit Sgd(const P& parameters, SgdOptions options = {}) : Sgd(parameters.size(), options) {
    this->set_layout(parameters);
  }

  std::array<StateBuffer<Scalar>, 1> state() { return {{{"velocity", velocity_}}}; }
  std::array<StateBuffer<const Scalar>, 1> state() const { return {{{"velocity", velocity_}}}; }

 private:
  friend class Optimizer<Sgd, Scalar>;
  static constexpr bool squares = false, has_decay = false;

  auto options() const { return std::array{StepOption{"momentum", options_.momentum}}; }

  /// Throws NonFiniteNumber, and has changed nothing then, if a rate is not finite.
  void apply(Scalar* parameters, const Scalar* gradients, Scalar factor) {
    this->for_each_range([&](std::size_t, const UpdateRange& range) { rate(range); });
    this->for_each_part([&](std::size_t begin, std::size_t end, const UpdateRange& range) {
      pass(begin, end, rate(range), factor, parameters, gradients);
    });
  }

  Scalar rate(const UpdateRange& range) const {
    return this->finite("learning_rate of a group", this->learning_rate() * range.rate_factor);
  }

  void pass(std::size_t begin, std::size_t end, Scalar rate, Scalar factor, Scalar* __restrict parameters,
            const Scalar* __restrict gradients) {
    const auto momentum = static_cast<Scalar>(options_.momentum);
    Scalar* __restrict velocity = velocity_.data();
    for (std::size_t i = begin; i < end; ++i) {
      velocity[i] = kernels::fused(momentum, velocity[i], factor * gradients[i]);
      parameters[i] = kernels::fused(-rate, velocity[i], parameters[i]);
    }
  }

  SgdOptions options_;
  std::vector<Scalar, runtime::PageAllocator<Scalar>> velocity_;
};

template <FlatParameters P>
Sgd(const P&, SgdOptions = {}) -> Sgd<typename P::Scalar>;

}  // namespace ctgrad
