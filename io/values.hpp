#pragma once

#include <ctgrad/base/numbers.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>

/// Which numbers an array may hold, where more is known of it than its type.
namespace ctgrad::io {

enum class Values { any, finite, nonnegative };  ///< the last: finite and at least 0

/// As an error says what it expected.
inline const char* described(Values values) {
  return values == Values::any      ? "numbers"
         : values == Values::finite ? "finite numbers"
                                    : "finite numbers of at least 0";
}

/// The position of the first number that is none of those; numbers.size() if all are.
template <std::floating_point Scalar>
std::size_t first_other(std::span<const Scalar> numbers, Values values) {
  if (values == Values::any) return numbers.size();
  const bool signs = values == Values::nonnegative;
  const auto other = std::ranges::find_if(
      numbers, [signs](Scalar number) { return !is_finite(number) || (signs && number < 0); });
  return static_cast<std::size_t>(other - numbers.begin());
}

}  // namespace ctgrad::io
