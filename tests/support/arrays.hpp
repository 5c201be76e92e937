#pragma once

#include <support/compare.hpp>

#include <cstring>

/// Several arrays as one long vector: directions, cotangents, points.
namespace ctgrad::test {

/// The largest error over all arrays; inf where a number is not finite or a shape differs.
inline double largest_error(const std::vector<Numbers>& a, const std::vector<Numbers>& b, double tolerance) {
  double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (!all_finite(a[i]) || !all_finite(b[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, error_between(a[i], b[i], tolerance));
  }
  return largest;
}

/// The largest difference over the largest magnitude of an entry: for sums that may cancel in some entries.
inline double error_of_largest(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double magnitude = 0;
  double difference = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i].shape() != b[i].shape() || !all_finite(a[i]) || !all_finite(b[i]))
      return std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < a[i].size(); ++k) {
      magnitude = std::max({magnitude, std::abs(a[i].data()[k]), std::abs(b[i].data()[k])});
      difference = std::max(difference, std::abs(a[i].data()[k] - b[i].data()[k]));
    }
  }
  return difference == 0 ? 0 : difference / magnitude;
}

inline bool equal_bits(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) {
    equal = a[i].shape() == b[i].shape() &&
            (a[i].size() == 0 || std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(double)) == 0);
  }
  return equal;
}

inline bool have_shapes(const std::vector<Numbers>& numbers, const std::vector<Shape>& shapes) {
  bool equal = numbers.size() == shapes.size();
  for (std::size_t i = 0; equal && i < shapes.size(); ++i) {
    const std::vector<std::size_t> expected = extents(shapes[i]);
    equal =
        std::equal(expected.begin(), expected.end(), numbers[i].shape().begin(), numbers[i].shape().end());
  }
  return equal;
}

inline std::vector<Numbers> zeros(const std::vector<Shape>& shapes) {
  std::vector<Numbers> numbers;
  for (const Shape& shape : shapes) numbers.emplace_back(extents(shape), 0.0);
  return numbers;
}

inline std::size_t size_of(const std::vector<Shape>& shapes) {
  Size size = 0;
  for (const Shape& shape : shapes) size += shape.size();
  return static_cast<std::size_t>(size);
}

/// Element k of all elements of all arrays.
inline double& element(std::vector<Numbers>& numbers, std::size_t k) {
  std::size_t i = 0;
  while (k >= numbers[i].size()) k -= numbers[i++].size();
  return numbers[i].data()[k];
}

inline std::vector<Numbers> unit(const std::vector<Shape>& shapes, std::size_t k) {
  std::vector<Numbers> numbers = zeros(shapes);
  element(numbers, k) = 1;
  return numbers;
}

/// The smallest magnitude that is not 0; inf if there is none.
inline double smallest_entry(const std::vector<Numbers>& numbers) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const Numbers& each : numbers) {
    for (const double entry : each) {
      if (entry != 0) smallest = std::min(smallest, std::abs(entry));
    }
  }
  return smallest;
}

inline double inner_product(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += test::inner_product(a[i], b[i]);
  return sum;
}

}  // namespace ctgrad::test
