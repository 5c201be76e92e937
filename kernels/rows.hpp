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
  if constexpr (Width <= longest_run) {
    return reduce_lanes<Width>([](T a, T b) { return a + b; }, T{0}, x);
  } else {
    return reduce_run<Width>([](auto a, auto b) { return a + b; }, T{0}, x);
  }
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
T sum_of_exponentials(const T* x, T shift) {
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
  if constexpr (Width <= longest_run) {
    return std::log(sum_of_exponentials<Width>(x, maximum));
  } else {
    double total = 0;
    for_each_run<Width>([&](auto count, Size begin) {
      total += static_cast<double>(sum_of_exponentials<count>(x + begin, maximum));
    });
    return std::log(static_cast<T>(total));
  }
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
bool is_exact(T variance_and_epsilon) {
  constexpr T least = sizeof(T) == 4 ? T{0x1p-102} : static_cast<T>(0x1p-970);
  return variance_and_epsilon >= least && variance_and_epsilon <= std::numeric_limits<T>::max();
}

/// The moments of a row, of whatever size its numbers are: of the row times a power of two, whose squares
/// neither overflow nor vanish. NaN where a number is not finite.
template <class T>
CTGRAD_RARE Moments<T> scaled_moments(const T* x, Size width, double epsilon) {
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  double largest = 0;
  for (Size j = 0; j < width; ++j) {
    if (!is_finite(x[j])) return {nan, nan, nan};
    largest = std::max(largest, std::abs(static_cast<double>(x[j])));
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
  const double variance = std::max(squares / static_cast<double>(width) - correction * correction, 0.0);
  const double deviation = std::hypot(std::sqrt(variance), std::sqrt(epsilon) * scale);
  const double all = (mean + correction) / scale;
  const T rounded = static_cast<T>(all);
  return {rounded, static_cast<T>(all - static_cast<double>(rounded)), static_cast<T>(scale / deviation)};
}

/// Of the distances of numbers from one number, their sum and the sum of their squares.
template <class T>
struct Distances {
  T sum;
  T squares;
};

/// The sums of the distances x[i] - from, i in [0, Count).
template <Size Count, class T>
Distances<T> sum_of_distances(const T* x, T from) {
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

/// The sums of the distances x[i] - from, i in [0, Width), the sums of blocks added up in double.
template <Size Width, class T>
Distances<T> sum_of_distances_in_blocks(const T* x, T from) {
  double sum = 0;
  double squares = 0;
  for_each_run<Width>([&](auto count, Size begin) {
    const Distances<T> part = sum_of_distances<count>(x + begin, from);
    sum += static_cast<double>(part.sum);
    squares += static_cast<double>(part.squares);
  });
  return {static_cast<T>(sum), static_cast<T>(squares)};
}

/// Two passes, the second corrected for the first one's rounding: Chan, Golub and LeVeque, "Algorithms for
/// computing the sample variance", 1983. It is pure: where two results need it, it is computed once.
template <Size Width, class T>
Moments<T> row_moments(const T* x, double epsilon) {
  const T mean = row_sum<Width>(x) / static_cast<T>(Width);
  Distances<T> all;
  if constexpr (Width > longest_run) {
    all = sum_of_distances_in_blocks<Width>(x, mean);
  } else {
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
    all.sum = row_sum<lanes>(sums);
    all.squares = row_sum<lanes>(squares);
  }
  const T correction = all.sum / static_cast<T>(Width);
  const T variance = all.squares / static_cast<T>(Width) - correction * correction;
  const T all_variance = (variance < 0 ? 0 : variance) + static_cast<T>(epsilon);
  if (!is_exact(all_variance)) [[unlikely]]
    return scaled_moments(x, Width, epsilon);
  return {mean, correction, 1 / std::sqrt(all_variance)};
}

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon)
template <Size Width, class T>
void normalize_row(T* __restrict y, const T* x, double epsilon) {
  const auto [mean, correction, inverse_deviation] = row_moments<Width>(x, epsilon);
  for (Size j = 0; j < Width; ++j) y[j] = ((x[j] - mean) - correction) * inverse_deviation;
}

}  // namespace ctgrad::kernels
