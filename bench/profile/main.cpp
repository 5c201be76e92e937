// Where the time of a training step (forward, backward, Adam) goes on one core: a line for every kernel, and
// what their sum leaves unexplained of the step.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "../support/report.hpp"
#include "profiles.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>

namespace {

constexpr double bar = 3;  // per cent of the step that may be left unexplained

struct Configuration {
  const char* name;
  ctgrad::Profile (*profile)(int runs);
  int runs;  ///< unless the command line says another number
};

constexpr Configuration configurations[] = {
    {"toy", bench::profile_toy, 300},    {"toy-1", bench::profile_toy_1, 3000},
    {"seed", bench::profile_seed, 100},  {"seed-32", bench::profile_seed_32, 20},
    {"small", bench::profile_small, 20}, {"base", bench::profile_base, 12},
};

/// Profiles and prints one configuration, its figure last; says whether the bar was met.
bool measure(const Configuration& configuration, int runs, const std::string& trace) {
  const ctgrad::Profile profile = configuration.profile(runs > 0 ? runs : configuration.runs);
  if (!trace.empty()) profile.write_trace(trace);
  std::cout << profile;
  program::flush_output();
  const bool met = std::abs(profile.unexplained()) <= bar;
  std::printf(
      "bench --profile: %s, one core: %s: %zu kernel calls and the update leave %.2f %% of a step of "
      "%.4g ms unexplained (bar %g %%): %s\n",
      bench::processor().c_str(), configuration.name, profile.calls.size(), profile.unexplained(),
      1e3 * profile.step_seconds, bar, met ? "ok" : "MISSED");
  return met;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_profile", [&] {
    std::string only = "base", trace;
    std::size_t runs = 0;
    CommandLine line("bench_profile", "Says where the time of a training step goes on one core.");
    line.add("--only", only, "another configuration than base: toy, toy-1, seed, seed-32 or small")
        .add_count("--runs", runs, "timed steps, with timers and without", 1, 1000000)
        .add("--trace", trace, "a file for the step's timeline, which browsers show");
    if (!line.parse(argc, argv)) return line.exit_code();

    for (const Configuration& configuration : configurations) {
      if (only != configuration.name) continue;
      bench::require_writable(trace);
      return measure(configuration, static_cast<int>(runs), trace) ? 0 : 1;
    }
    throw bench::unknown_configuration(only, configurations);
  });
}
