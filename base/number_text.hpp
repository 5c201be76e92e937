#pragma once

#include <ctgrad/base/numbers.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>

/// Real numbers as text that is the same in every locale: printf and streams write 0,5 where the user's says
/// so.
namespace ctgrad::text {

/// The number, or NaN without its sign, which means nothing: every NaN is "nan" as text.
template <std::floating_point Scalar>
constexpr Scalar unsigned_nan(Scalar number) {
  return is_nan(number) ? std::numeric_limits<Scalar>::quiet_NaN() : number;
}

/// The fewest digits that read back as the same number: "0.1", "1e+39", "nan".
inline std::string shortest(std::floating_point auto number) {
  number = unsigned_nan(number);
  std::array<char, 64> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

/// In at most so many significant digits: "0.0312", "1.5e-07".
inline std::string significant(double number, int digits = 4) {
  number = unsigned_nan(number);
  std::array<char, 64> text{};
  return {
      text.data(),
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, digits).ptr};
}

/// With so many digits, at most 40, behind the point: "12.50".
inline std::string fixed(double number, int digits) {
  number = unsigned_nan(number);
  std::array<char, 400> text{};
  return {
      text.data(),
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed, digits).ptr};
}

}  // namespace ctgrad::text
