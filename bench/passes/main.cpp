// Times training steps on one core without passes and with all of them, in turns.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "comparison.hpp"

#include <cmath>
#include <cstdio>
#include <string>

namespace {

constexpr double bar = 0.95;             // how often as fast the step must be: passes slow nothing down
constexpr double loss_tolerance = 1e-4;  // relative, in float

struct Configuration {
  const char* name;
  bench::Comparison (*compare)(std::size_t steps);
  std::size_t steps;  ///< timed ones in each of four turns
};

constexpr Configuration configurations[] = {
    {"toy", bench::compare_toy, 50},    {"toy-1", bench::compare_toy_1, 500},
    {"seed", bench::compare_seed, 10},  {"seed-32", bench::compare_seed_32, 2},
    {"small", bench::compare_small, 2}, {"base", bench::compare_base, 1},
};

/// Times and prints one configuration; says whether the losses are equal and the bar was met.
bool measure(const Configuration& configuration, std::string& summary) {
  const bench::Comparison found = configuration.compare(configuration.steps);
  const double ratio = found.plain_seconds / found.seconds;
  const bool equal = std::abs(found.loss - found.plain_loss) <= loss_tolerance * std::abs(found.plain_loss);
  std::printf("%-8s %10.3f ms without passes, %10.3f ms with them, %5.2f times as fast%s\n",
              configuration.name, 1e3 * found.plain_seconds, 1e3 * found.seconds, ratio,
              equal ? "" : ", but the losses differ");
  program::flush_output();
  char piece[64];
  std::snprintf(piece, sizeof piece, "%s%s %.2f", summary.empty() ? "" : ", ", configuration.name, ratio);
  summary += piece;
  return equal && ratio >= bar;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_passes", [&] {
    std::string only;
    CommandLine line("bench_passes", "Times training steps without passes and with them.");
    line.add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small or base");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations);

    std::string summary;
    bool met = true;
    for (const Configuration& configuration : configurations) {
      if (only.empty() || only == configuration.name) met = measure(configuration, summary) && met;
    }
    std::printf("bench --passes: one core: times as fast with passes as without: %s (bar %.2f): %s\n",
                summary.c_str(), bar, met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
