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

/// Throws std::invalid_argument, naming the option, unless `holds`.
inline void require_option(bool holds, const char* option, const char* expected, double got) {
  if (holds) return;
  throw std::invalid_argument(std::string(option) + ": expected " + expected + ", got " + shortest(got));
}

}  // namespace ctgrad
