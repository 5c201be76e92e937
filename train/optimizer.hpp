#pragma once

#include <ctgrad/train/clip.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/non_finite.hpp>

namespace ctgrad {

/// One of the buffers that an optimiser remembers between steps, of the parameters' layout.
template <class Element>
struct StateBuffer {
  const char* name;  ///< "mean"
  std::span<Element> numbers;
};

/// What optimisers over a flat buffer share: their size, steps and learning rate, and updates that refuse bad
/// input before they change anything. `Derived::apply(parameters, gradients, factor)` takes the step, the
/// gradients times the factor being what it goes by.
///
/// `Derived::state()` gives a std::array of StateBuffers. They and `steps()` are all that a step follows
/// from, beside the options and the learning rate: copied into another optimiser, they make it go on bit for
/// bit.
template <class Derived, std::floating_point Scalar>
class Optimizer {
 public:
  /// One step by a loss and its gradients, as value_and_grad and GradientSum give them; allocates nothing.
  /// Gradients of a larger norm than `max_norm` are clipped to it. Throws std::invalid_argument if a buffer
  /// has another size than the optimiser, NonFiniteLoss, NonFiniteGradient (naming the parameter) or, for a
  /// norm beyond the largest double, NonFiniteNumber, and has then changed nothing.
  template <FlatParameters P, LossAndGradients Result>
  void update(P& parameters, const Result& result, MaxNorm max_norm = {}) {
    const auto loss = static_cast<double>(result.value);
    if (!std::isfinite(loss)) throw NonFiniteLoss(steps_ + 1, loss);
    update(parameters, result.gradients, max_norm);
  }

  /// The same of gradients alone.
  template <FlatParameters P, FlatGradients Gradients>
  void update(P& parameters, const Gradients& gradients, MaxNorm max_norm = {}) {
    step(parameters.flat(), gradients.flat(), factor_of(gradients), max_norm,
         [&](std::size_t index) { return name_in(parameters, index); });
  }

  /// The same of bare numbers, which have no names.
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradients, MaxNorm max_norm = {}) {
    step(parameters, gradients, 1, max_norm, [](std::size_t) { return std::string(); });
  }

  /// "Adam"
  const char* name() const { return name_; }

  /// The number of steps taken.
  std::uint64_t steps() const { return steps_; }

  /// Says how many steps the state has behind it, when it was copied from elsewhere.
  void restore_steps(std::uint64_t steps) { steps_ = steps; }

  std::size_t size() const { return size_; }
  double learning_rate() const { return learning_rate_; }

  /// For the steps to come. Throws std::invalid_argument unless it is finite and at least 0.
  void set_learning_rate(double learning_rate) {
    require(learning_rate >= 0 && std::isfinite(learning_rate), "learning_rate",
            "a finite number of at least 0", learning_rate);
    learning_rate_ = learning_rate;
  }

 protected:
  Optimizer(const char* name, std::size_t size, double learning_rate) : name_(name), size_(size) {
    set_learning_rate(learning_rate);
  }

  /// require_option of an option of this optimiser.
  void require(bool holds, const char* option, const char* expected, double got) const {
    if (!holds) require_option(false, (std::string(name_) + ": " + option).c_str(), expected, got);
  }

 private:
  template <class NameOf>
  void step(std::span<Scalar> parameters, std::span<const Scalar> gradients, double factor, MaxNorm max_norm,
            NameOf name_of) {
    require_size(name_, "parameters", size_, parameters.size());
    require_size(name_, "gradients", size_, gradients.size());
    const std::size_t bad = first_non_finite(gradients);
    if (bad < size_) {
      throw NonFiniteGradient(steps_ + 1, bad, static_cast<double>(gradients[bad]), name_of(bad));
    }
    if (max_norm.is_finite()) {
      const double norm = std::abs(factor) * global_norm(gradients);
      if (!std::isfinite(norm)) throw NonFiniteNumber(steps_ + 1, "norm of the gradients", norm);
      factor *= max_norm.factor(norm);
    }
    ++steps_;
    static_cast<Derived&>(*this).apply(parameters.data(), gradients.data(), static_cast<Scalar>(factor));
  }

  const char* name_;
  std::size_t size_;
  double learning_rate_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace ctgrad
