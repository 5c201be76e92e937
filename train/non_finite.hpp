#pragma once

#include <ctgrad/train/require.hpp>

#include <algorithm>
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

/// A number that is infinite or not a number, if only in the parameters' number type. Parameters and
/// optimiser are as they were before the step.
class NonFiniteNumber : public std::runtime_error {
 public:
  /// `step` counts from 1; `what` says which number it is.
  [[gnu::cold]] NonFiniteNumber(std::uint64_t step_, const std::string& what, double value_)
      : std::runtime_error("step " + std::to_string(step_) + ": " + what +
                           ": expected a finite number, got " + shortest_as<float>(value_)),
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
  /// `index` is the position in the flat buffer; `parameter` says which one that is, where it is known;
  /// `made` what was made of the gradient, if it is that which is not finite: " times 2".
  [[gnu::cold]] NonFiniteGradient(std::uint64_t step_, std::size_t index_, double value_,
                                  std::string_view parameter = {}, const std::string& made = {})
      : NonFiniteNumber(step_,
                        "gradient[" + std::to_string(index_) + "]" +
                            (parameter.empty() ? "" : " of " + std::string(parameter)) + made,
                        value_),
        index(index_) {}

  std::size_t index;
};

/// The largest magnitude of these numbers, 0 if there are none; not finite if one of them is not.
template <std::floating_point Scalar>
Scalar largest_magnitude(std::span<const Scalar> numbers) {
  static_assert(std::numeric_limits<Scalar>::is_iec559 && (sizeof(Scalar) == 4 || sizeof(Scalar) == 8));
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;
  constexpr Bits all_but_sign = std::numeric_limits<Bits>::max();
  Bits largest = 0;  // magnitudes are ordered as their bits are, NaN behind infinity
  for (const Scalar number : numbers) largest = std::max(largest, std::bit_cast<Bits>(number) & all_but_sign);
  return std::bit_cast<Scalar>(largest);
}

/// The position of the first number that is infinite or NaN; numbers.size() if there is none.
template <std::floating_point Scalar>
std::size_t first_non_finite(std::span<const Scalar> numbers) {
  if (is_finite(largest_magnitude(numbers))) return numbers.size();
  std::size_t index = 0;
  while (is_finite(numbers[index])) ++index;
  return index;
}

}  // namespace ctgrad
