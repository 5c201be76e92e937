// Times training steps on one core in mixed precision beside float's, in turns, and trains in both.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "../support/peak.hpp"
#include "../support/report.hpp"
#include "comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>

namespace {

constexpr double time_bar = 1.05;    // a step in mixed precision, by one in float
constexpr double memory_bar = 0.65;  // its arena but for gradients, by float's
constexpr double loss_bar = 1.05;    // the mean of the last losses, by float's
constexpr std::size_t last_losses = 20;

struct Configuration {
  const char* name;
  bench::PrecisionComparison (*compare)(std::size_t pairs);
  std::size_t pairs;
};

constexpr Configuration configurations[] = {{"small", bench::compare_precision_small, 31},
                                            {"base", bench::compare_precision_base, 11}};

struct Curve {
  const char* name;
  bench::LossCurves (*losses)(std::size_t steps);
};

constexpr Curve training_curves[] = {{"toy", bench::loss_curves_toy}, {"small", bench::loss_curves_small}};

/// Adds "small 0.951 of float's time (bar 1.05)" to what the last line says.
void summarize(std::string& summary, const char* name, double ratio, const char* what, double bar) {
  char piece[80];
  std::snprintf(piece, sizeof piece, "%s%s %.3f %s (bar %.2f)", summary.empty() ? "" : ", ", name, ratio,
                what, bar);
  summary += piece;
}

/// Times and prints one configuration; says whether its bars were met.
bool measure(const Configuration& configuration, bench::Report& report, std::string& summary) {
  const bench::PrecisionComparison found = configuration.compare(configuration.pairs);
  const double memory = (found.mixed_bytes - found.result_bytes) / (found.float_bytes - found.result_bytes);
  std::printf("%-6s step in float %10.3f ms, mixed %10.3f ms: ratio %.3f\n", configuration.name,
              1e3 * found.float_seconds, 1e3 * found.mixed_seconds, found.ratio);
  std::printf(
      "%-6s arena in float %9.1f MB, mixed %10.1f MB, of which gradients %.1f MB: ratio of the rest %.3f\n",
      configuration.name, found.float_bytes / 1e6, found.mixed_bytes / 1e6, found.result_bytes / 1e6, memory);
  program::flush_output();
  report.add(configuration.name, {{"float_ms", 1e3 * found.float_seconds},
                                  {"mixed_ms", 1e3 * found.mixed_seconds},
                                  {"time_ratio", found.ratio},
                                  {"float_arena_bytes", found.float_bytes},
                                  {"mixed_arena_bytes", found.mixed_bytes},
                                  {"gradient_bytes", found.result_bytes}});
  summarize(summary, configuration.name, found.ratio, "of float's time", time_bar);
  summarize(summary, configuration.name, memory, "of its arena but for gradients", memory_bar);
  return found.ratio <= time_bar && memory <= memory_bar;
}

double mean_of_last(const std::vector<double>& losses) {
  const std::size_t count = std::min(last_losses, losses.size());
  return std::accumulate(losses.end() - static_cast<std::ptrdiff_t>(count), losses.end(), 0.0) /
         static_cast<double>(count);
}

/// Trains in both, prints every 20th loss, and says whether mixed precision came as far.
bool train(const Curve& curve, std::size_t steps, bench::Report& report, std::string& summary) {
  const bench::LossCurves losses = curve.losses(steps);
  std::printf("%-6s step   in float      mixed\n", curve.name);
  for (std::size_t i = 0; i < steps; ++i) {
    if (i % 20 == 0 || i + 1 == steps)
      std::printf("%11zu %10.5f %10.5f\n", i + 1, losses.in_float[i], losses.in_mixed[i]);
  }
  program::flush_output();
  const double ratio = mean_of_last(losses.in_mixed) / mean_of_last(losses.in_float);
  report.add(std::string(curve.name) + " training", {{"float_loss", mean_of_last(losses.in_float)},
                                                     {"mixed_loss", mean_of_last(losses.in_mixed)},
                                                     {"loss_ratio", ratio}});
  summarize(summary, curve.name, ratio, "of float's loss", loss_bar);
  return std::isfinite(ratio) && ratio <= loss_bar;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_bf16", [&] {
    std::string only;
    std::string json;
    std::size_t steps = 260;
    CommandLine line("bench_bf16", "Times and trains encoders in mixed precision beside float.");
    line.add("--only", only, "one configuration: toy, small or base")
        .add_count("--steps", steps, "steps of the trainings", 1, 100000)
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations, training_curves);
    bench::require_writable(json);

    bench::Report report("bf16", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf("%s\n", report.where().c_str());
    std::string summary;
    bool met = true;
    for (const Configuration& configuration : configurations) {
      if (only.empty() || only == configuration.name) met = measure(configuration, report, summary) && met;
    }
    for (const Curve& curve : training_curves) {
      if (only.empty() || only == curve.name) met = train(curve, steps, report, summary) && met;
    }
    if (!json.empty()) report.write(json, met);
    std::printf("bench --bf16: one core: %s: %s\n", summary.c_str(), met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
