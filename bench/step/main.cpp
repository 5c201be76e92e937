// Times forward passes and training steps (forward, backward, Adam) on one core, beside the peak of that
// core: the medians of many samples after a warm-up.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "../support/report.hpp"
#include "../support/shape.hpp"
#include "measurement.hpp"

#include <cstdio>
#include <string>

namespace {

/// A configuration, and what its step should take (0: no bar).
struct Configuration {
  const char* name;
  bench::Measurement (*measure)(const bench::Runs& runs);
  double bar_milliseconds;
  double runs;             ///< timed ones, for one of toy
  std::size_t per_sample;  ///< runs that are timed at once
};

constexpr Configuration configurations[] = {
    {"toy", bench::measure_toy, 3, 1, 4},       {"toy-1", bench::measure_toy_1, 0, 10, 40},
    {"seed", bench::measure_seed, 0, .25, 1},   {"seed-32", bench::measure_seed_32, 0, .025, 1},
    {"small", bench::measure_small, 0, .05, 1}, {"base", bench::measure_base, 0, .01, 1},
};

/// Prints "toy 0.4312 ms a step, ...".
void print(const char* name, const char* what, const bench::Timing& timing, double peak) {
  std::printf("%-8s %10.4f ms a %-12s %6.1f GFLOP/s, %5.1f %% of the peak (%.1f GFLOP/s)\n", name,
              1e3 * timing.seconds, what, timing.flops_per_second / 1e9, 100 * timing.share, peak / 1e9);
  program::flush_output();
}

void add(bench::Report::Figures& figures, const std::string& what, const bench::Timing& timing) {
  figures.emplace_back(what + "_ms", 1e3 * timing.seconds);
  figures.emplace_back(what + "_gflops", timing.flops_per_second / 1e9);
  figures.emplace_back(what + "_percent_of_peak", 100 * timing.share);
}

/// Times and prints one configuration; says whether its bar was met.
bool measure(const Configuration& configuration, std::size_t runs, bool only_steps, bench::Report& report,
             std::string& summary) {
  const double timed = configuration.runs * static_cast<double>(runs);
  const auto samples = static_cast<std::size_t>(timed / static_cast<double>(configuration.per_sample)) + 1;
  const bench::Measurement found = configuration.measure(
      {.samples = samples, .per_sample = configuration.per_sample, .forward = !only_steps});
  bench::Report::Figures figures{{"peak_gflops", found.peak / 1e9}};
  summary += (summary.empty() ? "" : ", ") + std::string(configuration.name);
  char piece[64];
  if (!only_steps) {
    print(configuration.name, "forward pass,", found.forward, found.peak);
    add(figures, "forward", found.forward);
    std::snprintf(piece, sizeof piece, " forward %.4g,", 1e3 * found.forward.seconds);
    summary += piece;
  }
  print(configuration.name, "step,", found.step, found.peak);
  add(figures, "step", found.step);
  std::snprintf(piece, sizeof piece, " step %.4g ms", 1e3 * found.step.seconds);
  summary += piece;
  report.add(configuration.name, figures);
  if (configuration.bar_milliseconds == 0) return true;
  std::snprintf(piece, sizeof piece, " (bar %g ms)", configuration.bar_milliseconds);
  summary += piece;
  return 1e3 * found.step.seconds <= configuration.bar_milliseconds;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_step", [&] {
    std::string only;
    std::string json;
    std::size_t runs = 200;
    bool only_steps = false;
    CommandLine line("bench_step", "Times forward passes and training steps on one core.");
    line.add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small or base")
        .add_count("--runs", runs, "timed runs of toy; the larger ones have fewer, toy-1 more", 1, 1000000)
        .add_flag("--only-steps", only_steps, "no forward passes")
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations);
    bench::require_writable(json);

    bench::Report report("step", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf(
        "%s\nflops: the model's matrix products counted once; a step's are three times a forward pass'\n",
        report.where().c_str());
    std::string summary;
    bool met = true;
    for (const Configuration& configuration : configurations) {
      if (only.empty() || only == configuration.name)
        met = measure(configuration, runs, only_steps, report, summary) && met;
    }
    if (!json.empty()) report.write(json, met);
    std::printf("bench: one core: %s: %s\n", summary.c_str(), met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
