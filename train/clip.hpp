#pragma once

#include <ctgrad/kernels/norm.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Gradient clipping by the global norm.
namespace ctgrad {

/// The numbers whose squares are summed up together.
inline constexpr std::size_t squares_block = 512;

/// The sum of (scale x)^2 over the numbers x of a block, as kernels sum up rows.
template <std::floating_point Scalar>
double block_of_squares(std::span<const Scalar> block, double scale) {
  double scaled[squares_block];
  for (std::size_t i = 0; i < block.size(); ++i) scaled[i] = scale * static_cast<double>(block[i]);
  std::fill(scaled + block.size(), scaled + squares_block, 0.0);
  return kernels::sum_of_squares<squares_block>(scaled);
}

/// The sum of (scale x)^2 over all numbers x, in double. The order is fixed: of blocks, then of their sums.
template <std::floating_point Scalar>
CTGRAD_NOINLINE double sum_of_squares(std::span<const Scalar> numbers, double scale = 1) {
  double sum = 0;
  for (std::size_t begin = 0; begin < numbers.size(); begin += squares_block)
    sum += block_of_squares(numbers.subspan(begin, std::min(squares_block, numbers.size() - begin)), scale);
  return sum;
}

/// The square root of what sum(scale) gives at scale 1, the sum of (scale x)^2 over numbers x, also where
/// that is beyond the largest double or vanishes.
template <class Sum>
double norm_by(const Sum& sum) {
  const double plain = sum(1.0);
  if (is_finite(plain) && plain > 1e-290) return std::sqrt(plain);
  const double scale = plain > 1 ? 0x1p-600 : 0x1p600;
  return std::sqrt(sum(scale)) / scale;
}

/// The Euclidean norm of all gradients together. Not finite only if a gradient is not or if the norm itself
/// is beyond the largest double.
template <std::floating_point Scalar>
double global_norm(std::span<const Scalar> gradients) {
  return norm_by([gradients](double scale) { return sum_of_squares(gradients, scale); });
}

template <FlatGradients G>
double global_norm(const G& gradients) {
  return std::abs(factor_of(gradients)) * global_norm(std::span(gradients.flat()));
}

/// The largest global norm that an update takes gradients with: larger ones are multiplied by max / norm,
/// smaller ones keep their bits.
///
/// Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
/// algorithm 1.
class MaxNorm {
 public:
  MaxNorm() = default;  ///< none

  /// Throws std::invalid_argument unless it is above 0; infinity is none.
  explicit MaxNorm(double max) : max_(max) { require_option(max > 0, "MaxNorm", "a number above 0", max); }

  bool is_finite() const { return ctgrad::is_finite(max_); }
  double value() const { return max_; }

  /// What to multiply gradients of that norm by.
  double factor(double norm) const { return norm > max_ ? max_ / norm : 1; }

 private:
  double max_ = std::numeric_limits<double>::infinity();
};

}  // namespace ctgrad
