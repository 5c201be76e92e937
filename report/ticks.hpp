#pragma once

#include <ctgrad/report/svg.hpp>

#include <algorithm>

/// Round numbers along an axis.
namespace ctgrad::report {

/// From the least to the largest number shown.
struct Range {
  double low = 0;
  double high = 1;

  double length() const { return high - low; }
};

/// Says whether an axis can show a number: it is finite, and so is its distance from others.
inline bool fits_an_axis(double x) { return std::abs(x) <= 1e300; }

/// A range that has a length: one around the number where there is but one.
inline Range widened(Range range) {
  const double most = std::max(std::abs(range.low), std::abs(range.high));
  if (range.length() > 1e-9 * most && range.length() > 1e-290) return range;
  const double half = most > 1e-290 ? most / 2 : 0.5;
  return {range.low - half, range.high + half};
}

/// The least of 1, 2 and 5 times a power of ten that is no less than a positive number.
inline double round_up(double x) {
  const double power = std::pow(10, std::floor(std::log10(x)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= x * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// Marks of an axis: where they are, and the distance between two.
struct Ticks {
  std::vector<double> at;
  double spacing = 1;
};

/// The multiples of a round number inside a range that has a length, at most `most` of them.
inline Ticks ticks_in(Range range, int most) {
  Ticks ticks;
  ticks.spacing = round_up(range.length() / most);
  const double first = std::ceil(range.low / ticks.spacing - 1e-6);
  for (int i = 0; i <= most; ++i) {
    const double tick = (first + i) * ticks.spacing;
    if (tick > range.high + 1e-6 * ticks.spacing) break;
    ticks.at.push_back(tick == 0 ? 0 : tick);
  }
  return ticks;
}

/// A range with a length, from one round number to another.
inline Range round_range(Range range, int most) {
  range = widened(range);
  const double spacing = ticks_in(range, most).spacing;
  return {std::floor(range.low / spacing + 1e-6) * spacing, std::ceil(range.high / spacing - 1e-6) * spacing};
}

/// Powers of ten in a range of positive numbers; every second or third and so on where there are many. Their
/// spacing is the factor between two.
inline Ticks decades_in(Range range, int most) {
  const int first = static_cast<int>(std::ceil(std::log10(range.low) - 1e-6));
  const int last = static_cast<int>(std::floor(std::log10(range.high) + 1e-6));
  const int stride = std::max(1, (last - first + most) / most);
  Ticks ticks{{}, std::pow(10, stride)};
  for (int power = first; power <= last; power += stride) ticks.at.push_back(std::pow(10, power));
  return ticks;
}

/// The powers of ten around a range of positive numbers.
inline Range decades_around(Range range) {
  const double low = std::floor(std::log10(range.low) + 1e-6);
  const double high = std::ceil(std::log10(range.high) - 1e-6);
  return {std::pow(10, low), std::pow(10, high > low ? high : low + 1)};
}

/// "1,200,000" for "1200000".
inline std::string grouped(std::string digits) {
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  if (point - begin < 5) return digits;
  for (std::size_t i = point - 3; i > begin && i < point; i -= 3) digits.insert(i, ",");
  return digits;
}

/// A tick's number, in as many digits as tell it from its neighbours.
inline std::string tick_label(double tick, double spacing) {
  const double most = std::max(std::abs(tick), spacing);
  if (tick != 0 && (most < 1e-4 || most >= 1e7)) return significant(tick, 3);
  const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(spacing) + 1e-6)));
  return grouped(number(tick, std::min(digits, 12)));
}

/// "0.01", "1", "1000", and beyond these "10⁻⁷".
inline std::string decade_label(double power_of_ten) {
  const int power = static_cast<int>(std::lround(std::log10(power_of_ten)));
  if (power >= -4 && power <= 4) return number(power_of_ten, 4);
  constexpr std::array<std::string_view, 10> raised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string label = power < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(power)))
    label += raised[static_cast<std::size_t>(digit - '0')];
  return label;
}

}  // namespace ctgrad::report
