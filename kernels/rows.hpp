#pragma once

#include <ctgrad/kernels/exp.hpp>
#include <ctgrad/kernels/reduce.hpp>

#include <cmath>
#include <limits>

/// Kernels over one row of the last axis. A row of -inf alone (all masked) has softmax 0 and log-sum-exp
/// -inf.
namespace ctgrad::kernels {

template <Size Width, class T>
T row_max(const T* x) {
  return reduce_run<Width>([](T a, T b) { return ((a > b) | (a != a)) ? a : b; },
                           -std::numeric_limits<T>::infinity(), x);
}

template <Size Width, class T>
T row_sum(const T* x) {
  return reduce_run<Width>([](T a, T b) { return a + b; }, T{0}, x);
}

/// y = exp(x - max(x)); gives max(x). Where the row is -inf alone, y is 0.
template <Size Width, class T>
T row_exp(T* __restrict y, const T* x) {
  const T maximum = row_max<Width>(x);
  const T shift = maximum == -std::numeric_limits<T>::infinity() ? 0 : maximum;
  for (Size j = 0; j < Width; ++j) y[j] = kernels::exp(x[j] - shift);
  return maximum;
}

/// y = exp(x - max(x)) / sum(exp(x - max(x)))
template <Size Width, class T>
void softmax_row(T* __restrict y, const T* x) {
  row_exp<Width>(y, x);
  const T sum = row_sum<Width>(y);
  const T scale = sum == 0 ? 0 : 1 / sum;
  for (Size j = 0; j < Width; ++j) y[j] *= scale;
}

/// log(sum(exp(x - max(x)))): what to add to the maximum for the log-sum-exp; 0 where the row is -inf alone.
template <Size Width, class T>
T log_sum(const T* x, T maximum) {
  if (maximum == -std::numeric_limits<T>::infinity()) return 0;
  constexpr Size lanes = 16;
  T sums[lanes] = {};
  Size i = 0;
  for (; i + lanes <= Width; i += lanes) {
    for (Size j = 0; j < lanes; ++j) sums[j] += kernels::exp(x[i + j] - maximum);
  }
  for (Size j = 0; i + j < Width; ++j) sums[j] += kernels::exp(x[i + j] - maximum);
  return std::log(row_sum<lanes>(sums));
}

/// y = (x - max) - log(sum(exp(x - max))); -inf where the row is -inf alone.
template <Size Width, class T>
void log_softmax_row(T* __restrict y, const T* x) {
  const T maximum = row_max<Width>(x);
  const T log = log_sum<Width>(x, maximum);
  const T shift = maximum == -std::numeric_limits<T>::infinity() ? 0 : maximum;
  for (Size j = 0; j < Width; ++j) y[j] = (x[j] - shift) - log;
}

template <Size Width, class T>
T log_sum_exp_row(const T* x) {
  const T maximum = row_max<Width>(x);
  return maximum + log_sum<Width>(x, maximum);
}

/// The mean of a row is `mean` + `correction`: the first is rounded, the second is what that lost.
template <class T>
struct Moments {
  T mean;
  T correction;
  T inverse_deviation;  ///< 1 / sqrt(variance + epsilon)
};

/// Two passes, the second corrected for the first one's rounding: Chan, Golub and LeVeque, "Algorithms for
/// computing the sample variance", 1983.
template <Size Width, class T>
Moments<T> row_moments(const T* x, T epsilon) {
  const T mean = row_sum<Width>(x) / static_cast<T>(Width);
  constexpr Size lanes = 16;
  T sums[lanes] = {};
  T squares[lanes] = {};
  const auto add = [&](T distance, Size lane) {
    sums[lane] += distance;
    squares[lane] += distance * distance;
  };
  Size i = 0;
  for (; i + lanes <= Width; i += lanes) {
    for (Size j = 0; j < lanes; ++j) add(x[i + j] - mean, j);
  }
  for (Size j = 0; i + j < Width; ++j) add(x[i + j] - mean, j);
  const T correction = row_sum<lanes>(sums) / static_cast<T>(Width);
  const T variance = row_sum<lanes>(squares) / static_cast<T>(Width) - correction * correction;
  return {mean, correction, 1 / std::sqrt((variance < 0 ? 0 : variance) + epsilon)};
}

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon)
template <Size Width, class T>
void normalize_row(T* __restrict y, const T* x, T epsilon) {
  const auto [mean, correction, inverse_deviation] = row_moments<Width>(x, epsilon);
  for (Size j = 0; j < Width; ++j) y[j] = ((x[j] - mean) - correction) * inverse_deviation;
}

}  // namespace ctgrad::kernels
