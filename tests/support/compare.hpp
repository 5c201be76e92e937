#pragma once

#include <support/interpreter.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// How far numbers are from each other.
namespace ctgrad::test {

/// |a - b| / (0.5 (|a| + |b|)), or |a - b| where both magnitudes are below the tolerance. Equal numbers,
/// infinities and two NaNs differ by 0; one NaN differs by inf.
inline double error_between(double a, double b, double tolerance) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(a - b);
  if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
  if (std::abs(a) < tolerance && std::abs(b) < tolerance) return difference;
  return difference / (0.5 * (std::abs(a) + std::abs(b)));
}

/// The largest error over all elements; inf where the shapes differ.
inline double error_between(const Numbers& a, const Numbers& b, double tolerance) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, error_between(a.data()[i], b.data()[i], tolerance));
  return largest;
}

inline bool all_finite(const Numbers& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

/// The sum of products of all elements.
inline double inner_product(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a.data()[i] * b.data()[i];
  return sum;
}

/// Counts checks and keeps the largest error among them.
struct Tally {
  int checks = 0;
  double largest = 0;

  double count(double error) {
    ++checks;
    largest = std::max(largest, error);
    return error;
  }
};

}  // namespace ctgrad::test
