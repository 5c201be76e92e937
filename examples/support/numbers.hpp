#pragma once

#include <ctgrad/io/quoted.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

/// Numbers on command lines. What is no number, or not one of those that an option takes, is refused by
/// std::invalid_argument, "--steps: expected ..., got ...": nothing is cut off, rounded to 0 or wrapped.
namespace numbers {

inline constexpr std::uint64_t largest_whole = std::numeric_limits<std::uint64_t>::max();

/// The numbers that an option takes: `least` to `most`.
struct WholeRange {
  std::uint64_t least = 0, most = largest_whole;
};

/// The numbers that an option takes: 0, and from the smallest to the largest.
struct RealRange {
  double smallest = std::numeric_limits<double>::denorm_min();
  double largest = std::numeric_limits<double>::max();
};

/// What becomes a float.
inline constexpr RealRange floats{static_cast<double>(std::numeric_limits<float>::denorm_min()),
                                  static_cast<double>(std::numeric_limits<float>::max())};

/// Digits that give the number back when they are read.
inline std::string text_of(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

inline std::string words(WholeRange range) {
  return "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most);
}
inline std::string words(RealRange range) {
  return "0 or a number from " + text_of(range.smallest) + " to " + text_of(range.largest);
}

[[noreturn]] inline void refuse(std::string_view option, const std::string& expected, std::string_view text) {
  throw std::invalid_argument(std::string(option) + ": expected " + expected + ", got " +
                              (text.empty() ? "none" : ctgrad::io::shown(text)));
}

/// The number that a text of decimal digits says, without a sign.
inline std::uint64_t whole(std::string_view option, std::string_view text, WholeRange range = {}) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool read = error == std::errc{} && stop == end;
  if (!read || number < range.least || number > range.most) refuse(option, words(range), text);
  return number;
}

/// The number that a text such as "3e-4" says, in the C locale's form, without a sign.
inline double real(std::string_view option, std::string_view text, RealRange range = {}) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool read = error == std::errc{} && stop == end && std::isfinite(number) && !std::signbit(number);
  if (!read || (number != 0 && number < range.smallest) || number > range.largest)
    refuse(option, words(range), text);
  return number;
}

}  // namespace numbers
