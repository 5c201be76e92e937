#pragma once

#include <ctgrad/train/flat.hpp>

namespace ctgrad {

/// One of the buffers that an optimiser remembers between steps, of the parameters' layout.
template <class Element>
struct StateBuffer {
  const char* name;  ///< "mean"
  std::span<Element> numbers;
};

/// What optimisers over a flat buffer share: their size, steps and learning rate, and an update that refuses
/// bad input before it changes anything. `Derived::apply(parameters, gradients)` takes the step.
///
/// `Derived::state()` gives a std::array of StateBuffers. They and `steps()` are all that a step follows
/// from, beside the options and the learning rate: copied into another optimiser, they make it go on bit for
/// bit.
template <class Derived, std::floating_point Scalar>
class Optimizer {
 public:
  /// One step; allocates nothing. Throws std::invalid_argument if a buffer has another size than the
  /// optimiser and NonFiniteGradient if a gradient is infinite or NaN, and has then changed nothing.
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradients) {
    require_update<Scalar>(name_, size_, parameters, gradients);
    ++steps_;
    static_cast<Derived&>(*this).apply(parameters.data(), gradients.data());
  }

  /// One step on a model's parameters; the gradients are a buffer of the same layout.
  template <FlatParameters P, class Gradients>
    requires requires(const Gradients& gradients) { gradients.flat(); }
  void update(P& parameters, const Gradients& gradients) {
    update_named(parameters, [&] { update(parameters.flat(), gradients.flat()); });
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
    require_option(learning_rate >= 0 && std::isfinite(learning_rate),
                   (std::string(name_) + ": learning_rate").c_str(), "a finite number of at least 0",
                   learning_rate);
    learning_rate_ = learning_rate;
  }

 protected:
  Optimizer(const char* name, std::size_t size, double learning_rate) : name_(name), size_(size) {
    set_learning_rate(learning_rate);
  }

 private:
  const char* name_;
  std::size_t size_;
  double learning_rate_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace ctgrad
