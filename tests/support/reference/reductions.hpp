#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/registry.hpp>

#include <cmath>
#include <limits>

/// Over axes and rows, in long double.
namespace ctgrad::test {

/// combine(result, element) over the reduced axes.
inline Numbers reduced(const Call& x, double initial, const std::function<double(double, double)>& combine) {
  Numbers result(x.shape(), initial);
  for_each_position({x[0].shape().begin(), x[0].shape().end()}, [&](const Position& p) {
    Position kept = p;
    for (std::size_t axis = 0; axis < kept.size(); ++axis) {
      if (x.attributes().integers[axis] != 0) kept[axis] = 0;
    }
    at(result, kept) = combine(at(result, kept), at(x[0], p));
  });
  return result;
}

template <>
inline Numbers reference<ops::Sum>(const Call& x) {
  return reduced(x, 0, [](double sum, double element) { return sum + element; });
}
template <>
inline Numbers reference<ops::Max>(const Call& x) {
  return reduced(x, -std::numeric_limits<double>::infinity(), [](double most, double element) {
    return std::isnan(most) || std::isnan(element) ? std::nan("") : std::max(most, element);
  });
}

using Row = std::vector<long double>;

/// The result's elements, row by row: f(row of the operand) gives a row of the result.
inline Numbers by_row(const Call& x, const std::function<Row(const Row&)>& f) {
  Numbers result(x.shape());
  const std::size_t width = x[0].shape().back();
  const std::size_t rows = width == 0 ? 0 : x[0].size() / width;
  auto* out = result.data();
  for (std::size_t i = 0; i < rows; ++i) {
    const double* row = x[0].data() + i * width;
    for (const long double number : f(Row(row, row + width))) *out++ = static_cast<double>(number);
  }
  if (width == 0) result.fill(-std::numeric_limits<double>::infinity());
  return result;
}

inline long double sum_exp(const Row& row) {
  long double sum = 0;
  for (const long double x : row) sum += std::exp(x);
  return sum;
}

template <>
inline Numbers reference<ops::Softmax>(const Call& x) {
  return by_row(x, [](const Row& row) {
    Row result;
    const long double sum = sum_exp(row);
    for (const long double number : row) result.push_back(sum == 0 ? 0 : std::exp(number) / sum);
    return result;
  });
}
/// -log(softmax(row)[i]) = log(sum over j of exp(row[j] - row[i])); inf for an element of -inf.
inline long double negative_log_softmax(const Row& row, std::size_t i) {
  if (std::isinf(row[i]) && row[i] < 0) return -row[i];
  long double sum = 0;
  for (const long double x : row) sum += std::exp(x - row[i]);
  return std::log(sum);
}

template <>
inline Numbers reference<ops::LogSoftmax>(const Call& x) {
  return by_row(x, [](const Row& row) {
    Row result;
    for (std::size_t i = 0; i < row.size(); ++i) result.push_back(-negative_log_softmax(row, i));
    return result;
  });
}
template <>
inline Numbers reference<ops::LogSumExp>(const Call& x) {
  return by_row(x, [](const Row& row) { return Row{std::log(sum_exp(row))}; });
}

/// Mean and variance over all elements.
struct RowMoments {
  long double mean = 0;
  long double variance = 0;

  explicit RowMoments(const Row& row) {
    const auto count = static_cast<long double>(row.size());
    for (const long double x : row) mean += x / count;
    for (const long double x : row) variance += (x - mean) * (x - mean) / count;
  }
};

template <>
inline Numbers reference<ops::Normalize>(const Call& x) {
  return by_row(x, [&](const Row& row) {
    Row result;
    const RowMoments moments(row);
    for (const long double number : row) {
      result.push_back((number - moments.mean) /
                       std::sqrt(moments.variance + static_cast<long double>(x.attributes().value)));
    }
    return result;
  });
}
template <>
inline Numbers reference<ops::InverseDeviation>(const Call& x) {
  return by_row(x, [&](const Row& row) {
    return Row{1 / std::sqrt(RowMoments(row).variance + static_cast<long double>(x.attributes().value))};
  });
}

/// The squares of any double are in the range of a long double.
inline long double norm_of(const Row& row) {
  long double squares = 0;
  for (const long double x : row) squares += x * x;
  return std::sqrt(squares);
}

template <>
inline Numbers reference<ops::Norm>(const Call& x) {
  if (x[0].size() == 0) return Numbers(x.shape(), 0.0);
  return by_row(x, [](const Row& row) { return Row{norm_of(row)}; });
}
template <>
inline Numbers reference<ops::Unit>(const Call& x) {
  return by_row(x, [](const Row& row) {
    Row result;
    const long double norm = norm_of(row);
    for (const long double number : row) result.push_back(norm == 0 ? 0 : number / norm);
    return result;
  });
}

}  // namespace ctgrad::test
