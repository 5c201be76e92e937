#pragma once

#include <ctgrad/train/require.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <string>

/// Learning rates as functions of the step, which counts from 1:
///
///     adam.set_learning_rate(rate(adam.steps() + 1));
///
/// Their options are checked when they are made: std::invalid_argument names the one out of range. So is the
/// step, 0 being none.
namespace ctgrad::schedule {

inline void require_rate(const char* option, double rate) {
  require_option(rate >= 0 && is_finite(rate), option, "a finite number of at least 0", rate);
}

inline void require_step(const char* schedule, std::uint64_t step) {
  if (step == 0) require_option(false, (std::string(schedule) + ": step").c_str(), "at least 1", 0);
}

/// The same rate at every step.
class Constant {
 public:
  explicit Constant(double rate) : rate_(rate) { require_rate("Constant: rate", rate); }

  double operator()(std::uint64_t step) const {
    require_step("Constant", step);
    return rate_;
  }

 private:
  double rate_;
};

struct WarmupInverseSquareRootOptions {
  double peak;           ///< the rate at the end of the warm-up; finite, at least 0
  std::uint64_t warmup;  ///< steps, at least 1
};

/// Up to the peak in equal steps, then down with the root of the step:
///
///     peak * min(step / warmup, sqrt(warmup / step))
///
/// Source: Vaswani et al., "Attention is all you need", 2017, equation 3, whose peak is
/// 1 / sqrt(width * warmup).
class WarmupInverseSquareRoot {
 public:
  explicit WarmupInverseSquareRoot(WarmupInverseSquareRootOptions options) : options_(options) {
    require_rate("WarmupInverseSquareRoot: peak", options.peak);
    require_option(options.warmup > 0, "WarmupInverseSquareRoot: warmup", "at least 1", 0);
  }

  double operator()(std::uint64_t step) const {
    require_step("WarmupInverseSquareRoot", step);
    const double ratio = static_cast<double>(step) / static_cast<double>(options_.warmup);
    return options_.peak * (ratio < 1 ? ratio : 1 / std::sqrt(ratio));
  }

 private:
  WarmupInverseSquareRootOptions options_;
};

struct CosineOptions {
  double peak;               ///< the rate at the end of the warm-up; finite, at least 0
  std::uint64_t steps;       ///< of the whole run, more than the warm-up
  std::uint64_t warmup = 0;  ///< steps
  double floor = 0;          ///< the rate of the last step and of those beyond it, in [0, peak]
};

/// Up to the peak in equal steps, then down to the floor along half a period of a cosine:
///
///     peak * step / warmup                                                          while step <= warmup
///     floor + (peak - floor) (1 + cos(pi (step - warmup) / (steps - warmup))) / 2   then
///
/// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
/// equation 5, without restarts.
class Cosine {
 public:
  explicit Cosine(CosineOptions options) : options_(options) {
    require_rate("Cosine: peak", options.peak);
    require_option(options.floor >= 0 && options.floor <= options.peak, "Cosine: floor",
                   ("a number from 0 to the peak of " + shortest(options.peak)).c_str(), options.floor);
    require_more_steps(options);
  }

  double operator()(std::uint64_t step) const {
    require_step("Cosine", step);
    const auto [peak, steps, warmup, floor] = options_;
    if (step <= warmup) return peak * (static_cast<double>(step) / static_cast<double>(warmup));
    if (step >= steps) return floor;
    const double part = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return floor + (peak - floor) * (1 + std::cos(std::numbers::pi * part)) / 2;
  }

 private:
  static void require_more_steps(const CosineOptions& options) {
    if (options.steps > options.warmup) return;
    throw std::invalid_argument("Cosine: steps: expected more than the warm-up's " +
                                std::to_string(options.warmup) + ", got " + std::to_string(options.steps));
  }

  CosineOptions options_;
};

}  // namespace ctgrad::schedule
