#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/numbers.hpp>

#include <cmath>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>

/// Refusals of what training is told.
namespace ctgrad {

/// A number as an error quotes it: the fewest digits that read back as the same double.
inline std::string shortest(double number) { return text::shortest(number); }

/// Whether a number is finite, as a Scalar too.
template <std::floating_point Scalar>
bool finite_as(double number) {
  return std::abs(number) <= static_cast<double>(std::numeric_limits<Scalar>::max());
}

/// The same of an option or another number that a Scalar is to hold: "1e+39, which is infinite as a float".
template <std::floating_point Scalar>
std::string shortest_as(double number) {
  const char* const type = std::is_same_v<Scalar, float> ? "float" : "double";
  const std::string words = shortest(number);
  if (!is_finite(number)) return words;
  if (!finite_as<Scalar>(number)) return words + ", which is infinite as a " + type;
  return number != 0 && static_cast<Scalar>(number) == 0 ? words + ", which is 0 as a " + type : words;
}

/// Throws std::invalid_argument, naming the option, unless `holds`.
inline void require_option(bool holds, const char* option, const char* expected, double got) {
  if (holds) return;
  throw std::invalid_argument(std::string(option) + ": expected " + expected + ", got " + shortest(got));
}

}  // namespace ctgrad
