// Times attention on one core, forward and backward: the kernel that keeps no scores, and plain products over
// all scores. With --serve it does so for whoever asks, as driver.py does to put PyTorch beside it.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/report.hpp"
#include "measure.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>

namespace {

constexpr double largest_difference = 1e-4;

std::vector<bench::AttentionCase> all_cases() {
  std::vector<bench::AttentionCase> cases;
  for (const auto& part :
       {bench::attentions_of_width_16(), bench::attentions_of_width_32(), bench::attentions_of_width_64()})
    cases.insert(cases.end(), part.begin(), part.end());
  return cases;
}

void print_way(const bench::AttentionFigures& figures) {
  std::printf(" %10.1f us %5.1f %% %10.1f us %5.1f %% %7.2f MB", 1e6 * figures.forward.seconds,
              100 * figures.forward.share, 1e6 * figures.backward.seconds, 100 * figures.backward.share,
              figures.megabytes);
}

void add_way(bench::Report::Figures& row, const std::string& name, const bench::AttentionFigures& figures) {
  row.emplace_back(name + "_forward_microseconds", 1e6 * figures.forward.seconds);
  row.emplace_back(name + "_forward_percent_of_peak", 100 * figures.forward.share);
  row.emplace_back(name + "_backward_microseconds", 1e6 * figures.backward.seconds);
  row.emplace_back(name + "_backward_percent_of_peak", 100 * figures.backward.share);
  row.emplace_back(name + "_megabytes", figures.megabytes);
}

/// What all cases together show.
struct Summary {
  double worst = 0;  ///< largest difference between the ways, as a share of the largest result
  int behind = 0;    ///< directions in which the kernel is the slower one
  int count = 0;
};

/// A row of the table, in the report as well.
void run(bench::Stopwatch& watch, const bench::AttentionCase& attention, bench::Report& report,
         Summary& summary) {
  const bench::AttentionResult found = bench::measure(watch, attention);
  char name[64];
  std::snprintf(name, sizeof name, "length %4d width %2d%s", static_cast<int>(attention.length),
                static_cast<int>(attention.width), attention.causal ? " causal" : "       ");
  std::printf("%s ", name);
  print_way(found.fused);
  std::printf("  plain");
  print_way(found.plain);
  std::printf("\n");
  program::flush_output();
  bench::Report::Figures row;
  add_way(row, "fused", found.fused);
  add_way(row, "plain", found.plain);
  report.add(name, row);
  ++summary.count;
  summary.worst = std::max(summary.worst, found.difference);
  summary.behind += found.fused.forward.seconds > found.plain.forward.seconds ? 1 : 0;
  summary.behind += found.fused.backward.seconds > found.plain.backward.seconds ? 1 : 0;
}

/// Answers each line "length width causal" with one of figures.
void serve(bench::Stopwatch& watch, const std::vector<bench::AttentionCase>& cases) {
  ctgrad::Size length = 0;
  ctgrad::Size width = 0;
  bool causal = false;
  while (std::cin >> length >> width >> causal) {
    for (const bench::AttentionCase& attention : cases) {
      if (attention.length != length || attention.width != width || attention.causal != causal) continue;
      const bench::AttentionResult found = bench::measure(watch, attention);
      for (const auto* way : {&found.fused, &found.plain}) {
        std::printf("%.9g %.9g %.6g %.6g %.6g ", way->forward.seconds, way->backward.seconds,
                    way->forward.share, way->backward.share, way->megabytes);
      }
      std::printf("%.9g", watch.peak());
      for (const double sum : found.sums) std::printf(" %.9g", sum);
      std::printf(" %.3g\n", found.difference);
      program::flush_output();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_attention", [&] {
    std::string json;
    bool serves = false;
    std::size_t longest = 2048;
    CommandLine line("bench_attention", "Times attention on one core.");
    line.add("--json", json, "a file for the figures")
        .add_count("--longest", longest, "leave out longer ones")
        .add_flag("--serve", serves, "answer the cases that standard input names");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_writable(json);

    bench::Stopwatch watch;
    if (serves) {
      serve(watch, all_cases());
      return 0;
    }
    bench::Report report("attention", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf("%s\n%d heads; each way: forward, backward (time and per cent of the peak), memory besides\n",
                report.where().c_str(), bench::heads);
    Summary summary;
    for (const bench::AttentionCase& attention : all_cases())
      if (attention.length <= static_cast<ctgrad::Size>(longest)) run(watch, attention, report, summary);
    const bool met = summary.worst <= largest_difference && summary.count > 0;
    if (!json.empty()) report.write(json, met);
    std::printf(
        "attention: one core, peak %.1f GFLOP/s: %d cases, in %d of %d directions slower than plain "
        "products, results within %.1e of theirs (bar %g): %s\n",
        watch.peak() / 1e9, summary.count, summary.behind, 2 * summary.count, summary.worst,
        largest_difference, met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
