// Times forward passes and training steps in shards by teams of several sizes, in turns, beside a program of
// the whole batch. Times are those of a clock on the wall.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "../support/peak.hpp"
#include "../support/report.hpp"
#include "times.hpp"

#include <ctgrad/runtime/processors.hpp>

#include <cstdio>
#include <sstream>
#include <string>

namespace {

struct Configuration {
  const char* name;
  bench::ThreadTimes (*time)(const bench::ThreadRuns& runs);
  std::size_t samples;
  std::size_t per_sample;
  double step_bar;  ///< times as fast a step is with two threads as with one
};

// A team that has nothing to share must not cost more than what two samples differ by.
constexpr double never_slower = 0.97;

constexpr Configuration configurations[] = {
    {"toy", bench::time_threads_toy, 200, 4, 1.9},
    {"toy-1", bench::time_threads_toy_1, 200, 40, never_slower},
    {"seed", bench::time_threads_seed, 60, 1, never_slower},
    {"seed-32", bench::time_threads_seed_32, 15, 1, 1.9},
    {"small", bench::time_threads_small, 15, 1, 1.9},
    {"base", bench::time_threads_base, 7, 1, 1.9},
    {"sentence", bench::time_threads_sentence, 60, 1, never_slower},
};

/// "1,2,4" as numbers of threads. Throws std::invalid_argument for what is none.
std::vector<std::size_t> teams_of(const std::string& list) {
  std::vector<std::size_t> sizes;
  std::istringstream text(list);
  for (std::string number; std::getline(text, number, ',');)
    sizes.push_back(ctgrad::runtime::require_thread_count(std::string_view(number), "--threads"));
  if (sizes.empty()) ctgrad::runtime::require_thread_count(std::string_view(list), "--threads");
  return sizes;
}

/// Prints a line of times, and adds them to the report's figures.
void print(const char* name, const char* what, std::size_t shards, const bench::ThreadRuns& runs,
           const bench::Times& times, bench::Report::Figures& figures) {
  std::printf("%-8s %-8s %zu shards; whole %9.4f ms", name, what, shards, 1e3 * times.whole);
  figures.emplace_back(std::string(what) + "_whole_ms", 1e3 * times.whole);
  for (std::size_t t = 0; t < times.sharded.size(); ++t) {
    std::printf("; %zu thread%s %9.4f ms", runs.threads[t], runs.threads[t] == 1 ? "" : "s",
                1e3 * times.sharded[t]);
    if (t > 0) std::printf(", %.3f times as fast", times.ratios[t]);
    figures.emplace_back(std::string(what) + "_" + std::to_string(runs.threads[t]) + "_threads_ms",
                         1e3 * times.sharded[t]);
  }
  std::printf("; two programs apart %.3f\n", times.apart);
  figures.emplace_back(std::string(what) + "_apart", times.apart);
  program::flush_output();
}

/// Adds "toy 1.93 (bar 1.9, apart 1.98)" to what the last line says; says whether the bar was met.
bool summarize(std::string& summary, const std::string& what, double ratio, double bar, double apart) {
  char piece[96];
  std::snprintf(piece, sizeof piece, "%s%s %.3f (bar %.2f, apart %.3f)", summary.empty() ? "" : ", ",
                what.c_str(), ratio, bar, apart);
  summary += piece;
  return ratio >= bar;
}

bool measure(const Configuration& configuration, const std::vector<std::size_t>& threads,
             bench::Report& report, std::string& summary) {
  const bench::ThreadRuns runs{threads, configuration.samples, configuration.per_sample};
  const bench::ThreadTimes found = configuration.time(runs);
  bench::Report::Figures figures{{"shards", static_cast<double>(found.shards)}};
  print(configuration.name, "forward", found.shards, runs, found.forward, figures);
  print(configuration.name, "step", found.shards, runs, found.step, figures);
  report.add(configuration.name, figures);
  bool met = true;
  for (std::size_t t = 1; t < threads.size(); ++t) {
    if (threads[0] != 1 || threads[t] != 2) continue;
    const std::string name = configuration.name;
    met = summarize(summary, name + " forward", found.forward.ratios[t], never_slower, found.forward.apart) &&
          met;
    met =
        summarize(summary, name + " step", found.step.ratios[t], configuration.step_bar, found.step.apart) &&
        met;
  }
  return met;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_threads", [&] {
    std::string only;
    std::string json;
    std::string list = "1,2";
    CommandLine line("bench_threads",
                     "Times forward passes and training steps in shards by several threads.");
    line.add("--threads", list, "sizes of teams, as 1,2,4; ratios are to the first one's time")
        .add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small, base or sentence")
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations);
    bench::require_writable(json);
    const std::vector<std::size_t> threads = teams_of(list);

    bench::Report report("threads", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf("%s, %zu processors\n", report.where().c_str(), ctgrad::runtime::usable_processors());
    std::string summary;
    bool met = true;
    for (const Configuration& configuration : configurations) {
      if (only.empty() || only == configuration.name)
        met = measure(configuration, threads, report, summary) && met;
    }
    if (!json.empty()) report.write(json, met);
    std::printf("bench --threads %s: two threads, times as fast as one: %s: %s\n", list.c_str(),
                summary.empty() ? "not measured" : summary.c_str(), met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
