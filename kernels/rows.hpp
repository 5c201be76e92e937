#pragma once

#include <ctgrad/kernels/exp.hpp>
#include <ctgrad/kernels/lanes.hpp>
#include <ctgrad/kernels/reduce.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Kernels over one row of the last axis. A row of -inf alone (all masked) has softmax 0 and log-sum-exp
/// -inf.
namespace ctgrad::kernels {

template <Size Width, class T>
T row_max(const T* x) {
  return reduce_lanes<Width>([](T a, T b) { return ((a > b) | (a != a)) ? a : b; },
                             -std::numeric_limits<T>::infinity(), x);
}

template <Size Width, class T>
T row_sum(const T* x) {
  return reduce_run<Width>([](auto a, auto b) { return a + b; }, T{0}, x);
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

/// sum(exp(x - shift))
template <Size Count, class T>
CTGRAD_INLINE T sum_of_exponentials(const T* x, T shift) {
  T sums[run_lanes] = {};
  Size i = 0;
  for (; i + run_lanes <= Count; i += run_lanes) {
    for (Size j = 0; j < run_lanes; ++j) sums[j] += kernels::exp(x[i + j] - shift);
  }
  for (Size j = 0; i + j < Count; ++j) sums[j] += kernels::exp(x[i + j] - shift);
  return row_sum<run_lanes>(sums);
}

/// log(sum(exp(x - max(x)))): what to add to the maximum for the log-sum-exp; 0 where the row is -inf alone.
template <Size Width, class T>
T log_sum(const T* x, T maximum) {
  if (maximum == -std::numeric_limits<T>::infinity()) return 0;
  double total = 0;
  for_each_run<Width>([&](auto count, Size begin) {
    total += static_cast<double>(sum_of_exponentials<count>(x + begin, maximum));
  });
  return std::log(static_cast<T>(total));
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

/// Says whether the squares that a variance was made of lost nothing: none went beyond the largest number,
/// and those below the smallest ones count for nothing beside it. Not so of NaN.
template <class T>
bool is_exact(T variance) {
  constexpr T least = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  return variance >= least && variance <= std::numeric_limits<T>::max();
}

/// The moments of a row times a power of two, whose squares neither overflow nor vanish.
struct ScaledMoments {
  double scale;
  double mean;
  double inverse_deviation;
};

/// For rows whose variance is not exact, of which there should be few. NaN where an element is not finite.
template <class T>
CTGRAD_NOINLINE ScaledMoments scaled_moments(const T* x, Size width, double epsilon) {
  double largest = 0;
  for (Size j = 0; j < width; ++j) {
    const double size = std::abs(static_cast<double>(x[j]));
    if (!(size <= std::numeric_limits<double>::max())) return {1, size - size, size - size};
    largest = std::max(largest, size);
  }
  const double scale = largest == 0 ? 1 : std::ldexp(1.0, std::min(-std::ilogb(largest), 1000));
  double mean = 0;
  for (Size j = 0; j < width; ++j) mean += static_cast<double>(x[j]) * scale;
  mean /= static_cast<double>(width);
  double sum = 0;
  double squares = 0;
  for (Size j = 0; j < width; ++j) {
    const double distance = static_cast<double>(x[j]) * scale - mean;
    sum += distance;
    squares += distance * distance;
  }
  const double correction = sum / static_cast<double>(width);
  const double variance = squares / static_cast<double>(width) - correction * correction;
  const double deviation = std::hypot(std::sqrt(std::max(variance, 0.0)), std::sqrt(epsilon) * scale);
  return {scale, mean + correction, 1 / deviation};
}

/// The sum of distances and that of their squares.
template <class T>
struct Distances {
  T sum;
  T squares;
};

/// Those from `from`.
template <Size Count, class T>
CTGRAD_INLINE Distances<T> sum_of_distances(const T* x, T from) {
  T sums[run_lanes] = {};
  T squares[run_lanes] = {};
  const auto add = [&](T distance, Size lane) {
    sums[lane] += distance;
    squares[lane] += distance * distance;
  };
  Size i = 0;
  for (; i + run_lanes <= Count; i += run_lanes) {
    for (Size j = 0; j < run_lanes; ++j) add(x[i + j] - from, j);
  }
  for (Size j = 0; i + j < Count; ++j) add(x[i + j] - from, j);
  return {row_sum<run_lanes>(sums), row_sum<run_lanes>(squares)};
}

/// Two passes, the second corrected for the first one's rounding: Chan, Golub and LeVeque, "Algorithms for
/// computing the sample variance", 1983. The variance, with epsilon, may not be exact: see is_exact.
template <Size Width, class T>
Moments<T> row_moments(const T* x, T epsilon, T& variance) {
  const T mean = row_sum<Width>(x) / static_cast<T>(Width);
  Distances<T> all;
  if constexpr (Width <= longest_run) {
    all = sum_of_distances<Width>(x, mean);
  } else {
    double sum = 0;
    double squares = 0;
    for_each_run<Width>([&](auto count, Size begin) {
      const Distances<T> part = sum_of_distances<count>(x + begin, mean);
      sum += static_cast<double>(part.sum);
      squares += static_cast<double>(part.squares);
    });
    all = {static_cast<T>(sum), static_cast<T>(squares)};
  }
  const T correction = all.sum / static_cast<T>(Width);
  const T found = all.squares / static_cast<T>(Width) - correction * correction;
  variance = (found < 0 ? 0 : found) + epsilon;
  return {mean, correction, 1 / std::sqrt(variance)};
}

/// The same as normalize_row for rows whose variance is not exact.
template <class T>
CTGRAD_NOINLINE void normalize_scaled(T* __restrict y, const T* x, Size width, double epsilon) {
  const ScaledMoments row = scaled_moments(x, width, epsilon);
  for (Size j = 0; j < width; ++j)
    y[j] = static_cast<T>((static_cast<double>(x[j]) * row.scale - row.mean) * row.inverse_deviation);
}

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon)
template <Size Width, class T>
void normalize_row(T* __restrict y, const T* x, double epsilon) {
  T variance;
  const auto [mean, correction, inverse_deviation] = row_moments<Width>(x, static_cast<T>(epsilon), variance);
  if (!is_exact(variance)) [[unlikely]]
    return normalize_scaled(y, x, Width, epsilon);
  for (Size j = 0; j < Width; ++j) y[j] = ((x[j] - mean) - correction) * inverse_deviation;
}

/// 1 / sqrt(variance(x) + epsilon)
template <Size Width, class T>
T row_inverse_deviation(const T* x, double epsilon) {
  T variance;
  const Moments<T> moments = row_moments<Width>(x, static_cast<T>(epsilon), variance);
  if (is_exact(variance)) [[likely]]
    return moments.inverse_deviation;
  const ScaledMoments row = scaled_moments(x, Width, epsilon);
  return static_cast<T>(row.inverse_deviation * row.scale);
}

}  // namespace ctgrad::kernels
