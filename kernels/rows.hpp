#pragma once

#include <ctgrad/kernels/exp.hpp>
#include <ctgrad/kernels/log.hpp>
#include <ctgrad/kernels/reduce.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Kernels over one row of the last axis. A row of -inf alone (all masked) has softmax 0 and log-sum-exp
/// -inf.
namespace ctgrad::kernels {

/// The larger of two numbers, or of each two in vectors; NaN where one is.
struct Larger {
  template <class X>
  CTGRAD_INLINE X operator()(X a, X b) const {
    return ((a > b) | is_nan_of(a)) ? a : b;
  }
};

/// The same where NaN may go unseen, in fewer instructions.
struct LargerNumber {
  template <class X>
  CTGRAD_INLINE X operator()(X a, X b) const {
    return a > b ? a : b;
  }
};

/// The largest number of a row, by one of the functions above. A long one's runs are combined in four by
/// turns, which need not wait for each other.
template <Size Width, class Choice, class T>
CTGRAD_INLINE T largest_of_row(const T* x) {
  constexpr T least = -std::numeric_limits<T>::infinity();
  constexpr Size stretch = 4 * run_lanes;
  if constexpr (Width < 2 * stretch) {
    return reduce_lanes<Width>(Choice{}, least, x);
  } else {
    constexpr Size whole = Width / stretch * stretch;
    Run<T> lanes[] = {Run<T>::filled(least), Run<T>::filled(least), Run<T>::filled(least),
                      Run<T>::filled(least)};
    for (Size i = 0; i < whole; i += stretch) {
      for (Size run = 0; run < 4; ++run)
        lanes[run].combine_with(Choice{}, Run<T>::load(x + i + run * run_lanes));
    }
    for_each_part<Width - whole>(x + whole, least, [&](const auto& part, auto where) CTGRAD_INLINED {
      lanes[0].parts[where.part].combine(Choice{}, part);
    });
    for (Size run = 1; run < 4; ++run) lanes[0].combine_with(Choice{}, lanes[run]);
    return lanes[0].joined(Choice{});
  }
}

/// The largest number of a row, NaN where there is one.
template <Size Width, class T>
T row_max(const T* x) {
  return largest_of_row<Width, Larger>(x);
}

template <Size Width, class T>
T row_sum(const T* x) {
  return reduce_run<Width>([](auto a, auto b) CTGRAD_INLINED { return a + b; }, T{0}, x);
}

/// sum(exp(x - shift)), x [Count]; visit(exp(x - shift), where) takes them part by part.
template <Size Count, class T, class Visit>
CTGRAD_INLINE T sum_of_exponentials(const T* x, T shift, Visit visit) {
  Run<T> sums = Run<T>::filled(0);
  for_each_part<Count>(x, -std::numeric_limits<T>::infinity(), [&](auto part, auto where) CTGRAD_INLINED {
    part.subtract(Run<T>::Part::filled(shift));
    const auto exponentials = exp_nonpositive(part);
    sums.parts[where.part].add(exponentials);
    visit(exponentials, where);
  });
  return sums.sum();
}

/// sum(exp(x - shift)), x [Width], of a long row in blocks; visit(exp(x - shift), where, block) takes them
/// part by part, of the block that begins with number `block`.
template <Size Width, class T, class Visit>
CTGRAD_INLINE T row_of_exponentials(const T* x, T shift, Visit visit) {
  if constexpr (Width <= longest_run) {
    return sum_of_exponentials<Width>(
        x, shift, [&](const auto& part, auto where) CTGRAD_INLINED { visit(part, where, Size{0}); });
  } else {
    double total = 0;
    for_each_run<Width>([&](auto count, Size begin) CTGRAD_INLINED {
      total += static_cast<double>(sum_of_exponentials<count>(
          x + begin, shift, [&](const auto& part, auto where) CTGRAD_INLINED { visit(part, where, begin); }));
    });
    return static_cast<T>(total);
  }
}

/// What is subtracted before exp: the maximum, but 0 of a row of -inf alone.
template <class T>
T shift_of_row(T maximum) {
  return maximum == -std::numeric_limits<T>::infinity() ? 0 : maximum;
}

/// y = exp(x - max(x)) / sum(exp(x - max(x)))
template <Size Width, class T>
void softmax_row(T* __restrict y, const T* x) {
  const T sum = row_of_exponentials<Width>(x, shift_of_row(row_max<Width>(x)),
                                           [y](const auto& part, auto where, Size block)
                                               CTGRAD_INLINED { store_part(y + block, part, where); });
  const T scale = sum == 0 ? 0 : 1 / sum;
  for (Size j = 0; j < Width; ++j) y[j] *= scale;
}

/// log(sum(exp(x - max(x)))): what to add to the maximum for the log-sum-exp; 0 where the row is -inf alone.
template <Size Width, class T>
T log_sum(const T* x, T maximum) {
  if (maximum == -std::numeric_limits<T>::infinity()) return 0;
  return kernels::log(row_of_exponentials<Width>(x, maximum, [](const auto&, auto, Size) CTGRAD_INLINED {}));
}

/// y = (x - max) - log(sum(exp(x - max))); -inf where the row is -inf alone.
template <Size Width, class T>
void log_softmax_row(T* __restrict y, const T* x) {
  const T maximum = row_max<Width>(x);
  const T log = log_sum<Width>(x, maximum);
  const T shift = shift_of_row(maximum);
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
CTGRAD_INLINE Distances<T> sum_of_distances(const T* x, T from) {
  Run<T> sums = Run<T>::filled(0);
  Run<T> squares = Run<T>::filled(0);
  for_each_part<Count>(x, from, [&](auto part, auto where) CTGRAD_INLINED {
    part.subtract(Run<T>::Part::filled(from));
    sums.parts[where.part].add(part);
    squares.parts[where.part].add_product(part, part);
  });
  return {sums.sum(), squares.sum()};
}

/// The sums of the distances x[i] - from, i in [0, Width), of a long row in blocks, whose sums are added up
/// in double.
template <Size Width, class T>
CTGRAD_INLINE Distances<T> row_of_distances(const T* x, T from) {
  if constexpr (Width <= longest_run) {
    return sum_of_distances<Width>(x, from);
  } else {
    double sum = 0;
    double squares = 0;
    for_each_run<Width>([&](auto count, Size begin) CTGRAD_INLINED {
      const Distances<T> part = sum_of_distances<count>(x + begin, from);
      sum += static_cast<double>(part.sum);
      squares += static_cast<double>(part.squares);
    });
    return {static_cast<T>(sum), static_cast<T>(squares)};
  }
}

/// Two passes, the second corrected for the first one's rounding: Chan, Golub and LeVeque, "Algorithms for
/// computing the sample variance", 1983. It is pure: where two results need it, it is computed once.
template <Size Width, class T>
Moments<T> row_moments(const T* x, double epsilon) {
  const T mean = row_sum<Width>(x) / static_cast<T>(Width);
  const Distances<T> all = row_of_distances<Width>(x, mean);
  const T correction = all.sum / static_cast<T>(Width);
  const T variance = fused(-correction, correction, all.squares / static_cast<T>(Width));
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
