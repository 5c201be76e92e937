// Times a training step (forward, backward, Adam) on one core: the median of many runs after a warm-up.
#include "support/training.hpp"

#include "../examples/support/command_line.hpp"
#include "../examples/support/program.hpp"

#include <cstdio>
#include <string>

namespace {

/// A configuration, what the step should take (0: no bar yet) and what good kernels reach on the reference
/// machine.
struct Configuration {
  const char* name;
  double bar_milliseconds;
  double target_milliseconds;
};

/// The median of the seconds that a step takes, after a warm-up.
template <bench::Shape S>
double median_step(std::size_t runs) {
  bench::Training<S> training;
  for (std::size_t run = 0; run < runs / 5 + 1; ++run) training.step();
  std::vector<double> seconds;
  for (std::size_t run = 0; run < runs; ++run) seconds.push_back(training.step());
  return bench::median(seconds);
}

/// Times and prints one configuration; says whether its bar was met.
template <bench::Shape S>
bool measure(const Configuration& configuration, const std::string& only, std::size_t runs,
             std::string& summary) {
  if (!only.empty() && only != configuration.name) return true;
  const double milliseconds = 1e3 * median_step<S>(runs);
  const bool met = configuration.bar_milliseconds == 0 || milliseconds <= configuration.bar_milliseconds;
  char line[160];
  std::snprintf(line, sizeof line, "%-8s %10.4f ms a step, %6.0f steps/s, %5.2f times the target of %g ms",
                configuration.name, milliseconds, 1e3 / milliseconds,
                milliseconds / configuration.target_milliseconds, configuration.target_milliseconds);
  std::printf("%s\n", line);
  program::flush_output();
  std::snprintf(line, sizeof line, "%s%s %.3f ms", summary.empty() ? "" : ", ", configuration.name,
                milliseconds);
  summary += line;
  if (configuration.bar_milliseconds > 0) {
    std::snprintf(line, sizeof line, " (bar %g ms)", configuration.bar_milliseconds);
    summary += line;
  }
  return met;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_step", [&] {
    std::string only;
    std::size_t runs = 200;
    CommandLine line("bench_step", "Times training steps on one core.");
    line.add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small or base")
        .add_count("--runs", runs, "timed runs of toy; the larger ones have fewer, toy-1 more", 1, 1000000);
    if (!line.parse(argc, argv)) return line.exit_code();

    std::string summary;
    bool met = measure<bench::toy>({"toy", 3, .80}, only, runs, summary);
    met = measure<bench::toy_1>({"toy-1", 0, .032}, only, 10 * runs, summary) && met;
    met = measure<bench::seed>({"seed", 0, 2.9}, only, runs / 4 + 1, summary) && met;
    met = measure<bench::seed_32>({"seed-32", 0, 47}, only, runs / 40 + 1, summary) && met;
    met = measure<bench::small>({"small", 0, 132}, only, runs / 20 + 1, summary) && met;
    met = measure<bench::base>({"base", 0, 720}, only, runs / 100 + 1, summary) && met;
    if (summary.empty()) {
      std::printf("bench: no configuration is called '%s'\n", only.c_str());
      return 2;
    }
    std::printf("bench: one core: %s: %s\n", summary.c_str(), met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
