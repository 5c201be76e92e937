#pragma once

#include <ctgrad/train/adam.hpp>

#include <algorithm>
#include <vector>

namespace ctgrad {

struct AdamWOptions {
  double learning_rate = 1e-3;  ///< finite in the optimiser's number type, at least 0
  double beta1 = 0.9;           ///< decay of the mean of the gradients, in [0, 1)
  double beta2 = 0.999;         ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-8;        ///< finite, above 0 in the optimiser's number type
  double weight_decay = 1e-2;   ///< finite, at least 0
};

/// Which of a model's parameters decay: matrices and what has more axes, hence no bias and no scale or shift
/// of a norm.
inline constexpr auto decay_matrices = [](const auto& entry) { return entry.shape.rank >= 2; };

/// All of them.
inline constexpr auto decay_all = [](const auto&) { return true; };

/// Adam with decoupled weight decay, over a model's flat buffer. With Adam's m' and v':
///
///     parameter -= learning_rate (m' / (sqrt(v') + epsilon) + weight_decay parameter)
///
/// The decay goes with the learning rate, also where a schedule sets it. Source: Loshchilov and Hutter,
/// "Decoupled weight decay regularization", ICLR 2019, algorithm 2, whose schedule multiplier and rate are
/// one learning rate here.
template <std::floating_point Scalar>
class AdamW : public AdamMeans<AdamW<Scalar>, Scalar> {
 public:
  /// For a buffer of `size` numbers that all decay. Throws std::invalid_argument naming an option out of
  /// range.
  explicit AdamW(std::size_t size, AdamWOptions options = {})
      : AdamMeans<AdamW, Scalar>("AdamW", size,
                                 {options.learning_rate, options.beta1, options.beta2, options.epsilon}),
        weight_decay_(options.weight_decay),
        parts_{{size, true}} {
    this->require(weight_decay_ >= 0 && is_finite(weight_decay_), "weight_decay",
                  "a finite number of at least 0", weight_decay_);
  }

  /// For a model's parameters, of which those decay whose entry `decays` answers with true.
  template <FlatParameters P, class Decays = decltype(decay_matrices)>
    requires requires(const P& parameters) { parameters.entries(); }
  explicit AdamW(const P& parameters, AdamWOptions options = {}, Decays decays = {})
      : AdamW(parameters.size(), options) {
    this->set_layout(parameters);
    parts_.clear();
    for (const auto& entry : parameters.entries()) {
      if (!parts_.empty() && parts_.back().decays == decays(entry)) continue;
      if (!parts_.empty()) parts_.back().end = entry.offset;
      parts_.push_back({parameters.size(), decays(entry)});
    }
  }

  double weight_decay() const { return weight_decay_; }

 private:
  friend class Optimizer<AdamW, Scalar>;

  /// Neighbours that all decay or all do not: the elements from the end of the part before.
  struct Part {
    std::size_t end;
    bool decays;
  };

  void apply(Scalar* parameters, const Scalar* gradients, Scalar factor) {
    const auto step = this->next_step(factor);
    const Scalar kept =
        this->finite("1 - learning_rate weight_decay", 1 - this->learning_rate() * weight_decay_);
    std::size_t begin = 0;
    for (const Part& part : parts_) {
      this->pass(step, begin, part.end, part.decays ? kept : 1, parameters, gradients);
      begin = part.end;
    }
  }

  double weight_decay_;
  std::vector<Part> parts_;
};

template <FlatParameters P, class Decays = decltype(decay_matrices)>
AdamW(const P&, AdamWOptions = {}, Decays = {}) -> AdamW<typename P::Scalar>;

}  // namespace ctgrad
