#pragma once

#include "peak.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

/// Times beside the peak: a sample of the peak stands before and behind every sample, since clocks drift.
namespace bench {

/// The number that `part` of the others lie below.
inline double quantile(std::vector<double> numbers, double part) {
  const auto position = static_cast<std::ptrdiff_t>(part * static_cast<double>(numbers.size()));
  std::nth_element(numbers.begin(), numbers.begin() + position, numbers.end());
  return numbers[static_cast<std::size_t>(position)];
}

inline double median(std::vector<double> numbers) { return quantile(std::move(numbers), .5); }

/// What one run took, and at what part of the peak it computed.
struct Timing {
  double seconds = 0;
  double flops_per_second = 0;
  double share = 0;  ///< of the peak around the samples
};

/// The samples of one thing that is timed.
class Samples {
 public:
  /// `peak`: operations a second.
  void add(double seconds, double peak) {
    seconds_.push_back(seconds);
    cost_at_peak_.push_back(seconds * peak);
  }
  std::size_t count() const { return seconds_.size(); }

  /// For a run of so many floating-point operations, the time that `part` of the samples lie below: half of
  /// them, or fewer where a bar asks what the code can do, since other machines on the same processor only
  /// ever add. There must be a sample.
  Timing timing(double flops, double part = .5) const {
    const double seconds = quantile(seconds_, part);
    return {seconds, flops / seconds, flops / quantile(cost_at_peak_, part)};
  }

 private:
  std::vector<double> seconds_;
  std::vector<double> cost_at_peak_;  ///< the operations that the peak would have made meanwhile
};

/// Takes samples, of several things in turns if need be.
class Stopwatch {
 public:
  /// `run` gives the seconds that it took.
  template <class Run>
  void sample(Samples& samples, const Run& run) {
    const double seconds = run();
    const double peak = sample_peak();
    samples.add(seconds, std::max(peak, peak_));
    peak_ = peak;
    peaks_.push_back(peak);
  }

  /// The median of the peaks so far, operations a second. There must be a sample.
  double peak() const { return median(peaks_); }

 private:
  double peak_ = (sample_peak(), sample_peak());  ///< the first one only wakes the processor up
  std::vector<double> peaks_;
};

}  // namespace bench
