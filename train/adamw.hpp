#pragma once

#include <ctgrad/train/adam.hpp>

#include <iterator>
#include <utility>
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
        weight_decay_(options.weight_decay) {
    this->require(weight_decay_ >= 0 && finite_as<Scalar>(weight_decay_), "weight_decay",
                  "a finite number of at least 0", weight_decay_);
    this->set_ranges({{.end = size, .weight_decay = weight_decay_}});
  }

  /// For a model's parameters, of which those decay whose entry `decays` answers with true.
  template <FlatParameters P, class Decays = decltype(decay_matrices)>
    requires requires(const P& parameters) { parameters.entries(); }
  explicit AdamW(const P& parameters, AdamWOptions options = {}, Decays decays = {})
      : AdamW(parameters.size(), options) {
    this->set_layout(parameters);
    std::vector<UpdateRange> ranges;
    const auto& entries = parameters.entries();
    for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
      const auto next = std::next(entry);
      append(ranges, {.end = next == entries.end() ? parameters.size() : next->offset,
                      .weight_decay = decays(*entry) ? weight_decay_ : 0});
    }
    this->set_ranges(std::move(ranges));
  }

  double weight_decay() const { return weight_decay_; }

 private:
  friend class Optimizer<AdamW, Scalar>;
  friend class AdamMeans<AdamW, Scalar>;

  static constexpr bool has_decay = true;

  double weight_decay_;
};

template <FlatParameters P, class Decays = decltype(decay_matrices)>
AdamW(const P&, AdamWOptions = {}, Decays = {}) -> AdamW<typename P::Scalar>;

}  // namespace ctgrad
