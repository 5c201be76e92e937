#include "kernel.hpp"

#include "../support/timing.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace bench {

namespace {

constexpr double shortest_sample = 100e-6;  // seconds: shorter runs are repeated

/// The seconds of one of so many runs, on average.
template <class Run>
double mean_seconds(std::size_t repetitions, const Run& run) {
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < repetitions; ++i) run();
  return (cpu_seconds() - begin) / static_cast<double>(repetitions);
}

std::size_t repetitions_of(double seconds) {
  return static_cast<std::size_t>(shortest_sample / std::max(seconds, 1e-8)) + 1;
}

/// A pass over memory that reads half of so many bytes and writes the other half.
class Pass {
 public:
  explicit Pass(double bytes)
      : from_(static_cast<std::size_t>(bytes / 8) + 1, 1.F),
        to_(from_.size()),
        repetitions_(repetitions_of(mean_seconds(1, [this] { run(); }))) {}

  /// The seconds that one takes.
  double sample() {
    return mean_seconds(repetitions_, [this] { run(); });
  }

 private:
  void run() {
    float* to = to_.data();
    const float* from = from_.data();
    for (std::size_t i = 0; i < to_.size(); ++i) to[i] = .5F * from[i];
    benchmark::DoNotOptimize(to);
    benchmark::ClobberMemory();
  }

  std::vector<float> from_;
  std::vector<float> to_;
  std::size_t repetitions_;
};

}  // namespace

void add_kernel(const std::string& name, Work work, std::function<void()> run) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [work, run = std::move(run)](benchmark::State& state) {
                                 run();
                                 const std::size_t repetitions = repetitions_of(mean_seconds(1, run));
                                 Pass pass(work.bytes);
                                 std::vector<double> seconds;
                                 std::vector<double> ceilings;
                                 for ([[maybe_unused]] const auto turn : state) {
                                   seconds.push_back(mean_seconds(repetitions, run));
                                   ceilings.push_back(std::max(pass.sample(), work.flops / sample_peak()));
                                   state.SetIterationTime(seconds.back());
                                 }
                                 state.counters["GB/s"] = work.bytes / median(seconds) / 1e9;
                                 state.counters["GFLOP/s"] = work.flops / median(seconds) / 1e9;
                                 state.counters["%ceiling"] = 100 * median(ceilings) / median(seconds);
                               })
      ->UseManualTime()

      ->Unit(benchmark::kMicrosecond);
}

}  // namespace bench
