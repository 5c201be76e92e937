#pragma once

#include <ctgrad/train/require.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

/// Numbers that training cannot go on with, and the search for them.
namespace ctgrad {

/// A number that is infinite or not a number. Parameters and optimiser are as they were before the step.
class NonFiniteNumber : public std::runtime_error {
 public:
  /// `step` counts from 1; `what` says which number it is.
  NonFiniteNumber(std::uint64_t step_, const std::string& what, double value_)
      : std::runtime_error("step " + std::to_string(step_) + ": " + what +
                           ": expected a finite number, got " + shortest(value_)),
        step(step_),
        value(value_) {}

  std::uint64_t step;
  double value;
};

class NonFiniteLoss : public NonFiniteNumber {
 public:
  NonFiniteLoss(std::uint64_t step_, double value_) : NonFiniteNumber(step_, "loss", value_) {}
};

class NonFiniteGradient : public NonFiniteNumber {
 public:
  /// `index` is the place in the flat buffer; `parameter` says which one that is, where it is known.
  NonFiniteGradient(std::uint64_t step_, std::size_t index_, double value_, std::string_view parameter = {})
      : NonFiniteNumber(step_,
                        "gradient[" + std::to_string(index_) + "]" +
                            (parameter.empty() ? "" : " of " + std::string(parameter)),
                        value_),
        index(index_) {}

  std::size_t index;
};

/// The place of the first number that is infinite or NaN; numbers.size() if there is none.
template <std::floating_point Scalar>
std::size_t first_non_finite(std::span<const Scalar> numbers) {
  static_assert(std::numeric_limits<Scalar>::is_iec559 && (sizeof(Scalar) == 4 || sizeof(Scalar) == 8));
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  constexpr auto infinity = std::bit_cast<Bits>(std::numeric_limits<Scalar>::infinity());
  constexpr Bits one = Bits{1} << (std::numeric_limits<Scalar>::digits - 1);
  Bits seen = 0;  // an exponent of ones carries into the top bit: one addition a number, and no branch
  for (const Scalar number : numbers) seen |= (std::bit_cast<Bits>(number) & infinity) + one;
  if ((seen >> (std::numeric_limits<Bits>::digits - 1)) == 0) return numbers.size();
  std::size_t index = 0;
  while (std::isfinite(numbers[index])) ++index;
  return index;
}

}  // namespace ctgrad
