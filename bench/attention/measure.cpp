#include "measure.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <string>

namespace bench {

namespace {

using ctgrad::Size;

constexpr double shortest_sample = 200e-6;  // seconds: shorter runs are repeated
constexpr double shortest_contest = .05;    // seconds, of one way's samples in one direction
constexpr std::size_t fewest_samples = 7;

/// Numbers from -1 to 1 that the worker of PyTorch draws, too: number i of operand `stream`.
float drawn(Size i, std::uint32_t stream) {
  const std::uint32_t word = (static_cast<std::uint32_t>(i) + 1) * 2654435761U + stream * 0x9E3779B9U;
  return static_cast<float>(word ^ word >> 15) * 0x1p-31F - 1;
}

void draw(Numbers& numbers, Size count, std::uint32_t stream) {
  for (Size i = 0; i < count; ++i) numbers.data()[i] = drawn(i, stream);
}

/// The sum of all numbers, each times one of its own.
double weighted_sum(const Numbers& numbers, Size count) {
  double sum = 0;
  for (Size i = 0; i < count; ++i)
    sum += static_cast<double>(numbers.data()[i]) * static_cast<double>(drawn(i, 9));
  return sum;
}

double largest_difference(const Numbers& a, const Numbers& b, Size count) {
  float difference = 0;
  float largest = 0;
  for (Size i = 0; i < count; ++i) {
    difference = std::max(difference, std::abs(a.data()[i] - b.data()[i]));
    largest = std::max(largest, std::abs(b.data()[i]));
  }
  return static_cast<double>(difference / largest);
}

/// A line of /proc/self/status, in megabytes; NaN where there is none.
double status_megabytes(const char* name) {
  std::ifstream lines("/proc/self/status");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) return std::stod(line.substr(line.find(':') + 1)) / 1024;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// How much more memory the process has at most while `run` runs; below 0 where the system does not tell.
template <class Run>
double extra_megabytes(const Run& run) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the largest so far is forgotten
  const double before = status_megabytes("VmRSS");
  const bool is_known = status_megabytes("VmHWM") <= before + .1;
  run();
  return is_known ? status_megabytes("VmHWM") - before : -1;
}

/// An attention, its numbers, and what one way keeps.
class Contestant {
 public:
  Contestant(const AttentionCase& attention, const AttentionWay& way, AttentionNumbers& numbers)
      : attention_(attention), way_(way), numbers_(numbers) {
    megabytes_ = extra_megabytes([&] {
      kept_ = way_.make();
      way_.forward(numbers_, kept_);
      way_.backward(numbers_, kept_);
    });
  }
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;
  ~Contestant() { way_.drop(kept_); }

  void sample(Stopwatch& watch) {
    sample(watch, forward_, forward_repetitions_, way_.forward);
    sample(watch, backward_, backward_repetitions_, way_.backward);
  }

  bool has_enough() const { return forward_.count() >= fewest_samples && seconds_ > 2 * shortest_contest; }

  AttentionFigures figures() const {
    return {forward_.timing(attention_.forward_flops()), backward_.timing(attention_.backward_flops()),
            megabytes_};
  }

 private:
  void sample(Stopwatch& watch, Samples& samples, std::size_t& repetitions,
              void (*run)(AttentionNumbers&, void*)) {
    const auto time = [&] {
      const double begin = cpu_seconds();
      for (std::size_t repetition = 0; repetition < repetitions; ++repetition) run(numbers_, kept_);
      return (cpu_seconds() - begin) / static_cast<double>(repetitions);
    };
    if (repetitions == 0) {
      repetitions = 1;
      repetitions = static_cast<std::size_t>(shortest_sample / std::max(time(), 1e-9)) + 1;
    }
    watch.sample(samples, [&] {
      const double seconds = time();
      seconds_ += seconds * static_cast<double>(repetitions);
      return seconds;
    });
  }

  const AttentionCase& attention_;
  const AttentionWay& way_;
  AttentionNumbers& numbers_;
  void* kept_ = nullptr;
  double megabytes_ = 0;
  double seconds_ = 0;
  std::size_t forward_repetitions_ = 0;
  std::size_t backward_repetitions_ = 0;
  Samples forward_;
  Samples backward_;
};

}  // namespace

AttentionNumbers::AttentionNumbers(Size length, Size width)
    : q(static_cast<std::size_t>(heads * length * width)),
      k(q),
      v(q),
      cotangent(q),
      result(q),
      log_sum_exp(static_cast<std::size_t>(heads * length)),
      dq(q),
      dk(q),
      dv(q) {
  const Size count = heads * length * width;
  draw(q, count, 1);
  draw(k, count, 2);
  draw(v, count, 3);
  draw(cotangent, count, 4);
}

AttentionResult measure(Stopwatch& watch, const AttentionCase& attention) {
  AttentionNumbers numbers(attention.length, attention.width);
  AttentionNumbers plainly(attention.length, attention.width);
  Contestant fused(attention, attention.fused, numbers);
  Contestant plain(attention, attention.plain, plainly);
  AttentionResult found;
  const Size count = heads * attention.length * attention.width;
  std::size_t next = 0;
  for (const auto part :
       {&AttentionNumbers::result, &AttentionNumbers::dq, &AttentionNumbers::dk, &AttentionNumbers::dv}) {
    found.difference = std::max(found.difference, largest_difference(numbers.*part, plainly.*part, count));
    found.sums[next++] = weighted_sum(numbers.*part, count);
  }
  while (!fused.has_enough() || !plain.has_enough()) {
    fused.sample(watch);
    plain.sample(watch);
  }
  found.fused = fused.figures();
  found.plain = plain.figures();
  return found;
}

}  // namespace bench
