#pragma once

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

/// What a profile measures time with.
namespace ctgrad::profiling {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

struct Span {
  Clock::time_point begin, end;

  double seconds() const { return seconds_between(begin, end); }
};

/// What reading the clock adds to the time between two readings: the median of many.
inline double clock_seconds() {
  std::vector<double> empty(1001);
  for (double& seconds : empty) {
    const Clock::time_point begin = Clock::now();
    seconds = seconds_between(begin, Clock::now());
  }
  const auto middle = empty.begin() + std::ssize(empty) / 2;
  std::nth_element(empty.begin(), middle, empty.end());
  return *middle;
}

/// The seconds that processors have spent on this thread: while others have them all, it stands still. Where
/// a system does not tell, it goes on.
inline double processor_seconds() {
#if defined(_POSIX_THREAD_CPUTIME)
  std::timespec time{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0)
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
#endif
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

/// Times a step as a whole. The clock of the processor is the one to believe on a machine with other work,
/// but asking the system for it takes longer than many a kernel call, and it tells of one thread alone.
class StepWatch {
 public:
  /// For a step that this thread computes alone, or with others.
  explicit StepWatch(bool is_of_one_thread) : is_of_one_thread_(is_of_one_thread) {}

  Clock::time_point begin() const { return begin_; }

  /// The step ends now, or rather then. Gives its seconds, without those in which others had the processor.
  double stop(Clock::time_point end) {
    end_ = end;
    processor_ = processor_seconds() - processor_;
    return is_of_one_thread_ ? std::min(span().seconds(), processor_) : span().seconds();
  }
  /// From begin to end, once stopped, others' work in between.
  Span span() const { return {begin_, end_}; }

 private:
  bool is_of_one_thread_;
  double processor_ = processor_seconds();
  Clock::time_point begin_ = Clock::now();
  Clock::time_point end_;
};

}  // namespace ctgrad::profiling
