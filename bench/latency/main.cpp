// Times one inference of the smallest configuration as a user calls it, call by call, and shows that it
// neither allocates nor asks the operating system for anything.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/report.hpp"
#include "../support/training.hpp"
#include "allocations.hpp"
#include "system_calls.hpp"

#include <chrono>
#include <cstdio>
#include <string>

namespace {

constexpr double bar_microseconds = bench::vector_bits >= 512 ? 8 : 12;
constexpr bool has_bar = bench::vector_bits >= 256;
constexpr std::size_t watched_calls = 1000;

double nanoseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

/// A model that answers, and the sequences that it is asked.
class Server {
 public:
  /// One call; gives a number of its result.
  float call() {
    const auto logits = program_(parameters_, batches_[next_].ids);
    next_ = (next_ + 1) % batches_.size();
    return logits(0, 0, 0);
  }

 private:
  static constexpr bench::Shape shape = bench::toy_1;
  ctgrad::Parameters<bench::Model<shape>> parameters_{ctgrad::Seed{1}};
  ctgrad::Program<bench::forward, bench::Model<shape>, bench::Ids<shape>> program_;
  bench::Batches<shape> source_;
  const std::vector<ctgrad::toy::Batch>& batches_ = source_.draw(64);
  std::size_t next_ = 0;
};

/// What was found of the calls.
struct Latency {
  double median = 0;  ///< microseconds, as the next one is
  double percentile_99 = 0;
  double clock = 0;  ///< what reading the clock takes, which is not in the others
  std::size_t allocations = 0;
};

/// Calls so often after a warm-up of a tenth.
Latency time_calls(Server& server, std::size_t calls) {
  std::vector<double> clock(1000);
  for (double& nanoseconds : clock) nanoseconds = nanoseconds_since(std::chrono::steady_clock::now());
  std::vector<double> taken(calls);
  for (std::size_t i = 0; i < calls / 10 + 1; ++i) server.call();
  Latency found;
  found.clock = bench::median(clock) / 1e3;
  const std::size_t before = bench::allocations();
  [[maybe_unused]] volatile float needed = 0;
  for (double& nanoseconds : taken) {
    const auto begin = std::chrono::steady_clock::now();
    needed = server.call();
    nanoseconds = nanoseconds_since(begin);
  }
  found.allocations = bench::allocations() - before;
  found.median = bench::quantile(taken, .5) / 1e3 - found.clock;
  found.percentile_99 = bench::quantile(taken, .99) / 1e3 - found.clock;
  return found;
}

/// Says in words what the calls ask of the system, and whether that is nothing. The watch must see a call
/// that is made on purpose, or it would see none at all.
std::string system_calls(Server& server, bool& none) {
  std::string reason;
  const auto calls = [&] {
    for (std::size_t i = 0; i < watched_calls; ++i) server.call();
  };
  const bench::Watched found = bench::watch_system_calls(calls, reason);
  const bench::Watched control = bench::watch_system_calls([] { static_cast<void>(::getppid()); }, reason);
  none = found == bench::Watched::no_system_call && control == bench::Watched::system_call;
  if (none) return "no system call";
  if (found == bench::Watched::system_call) return "a system call";
  return "system calls not watched: " + (reason.empty() ? "the watch sees none" : reason);
}

/// Says in words how often the heap was asked.
std::string allocations(const Latency& found, std::size_t for_the_program) {
  if (!bench::allocations_are_counted || for_the_program == 0) return "allocations not counted";
  return std::to_string(found.allocations) + " allocations";
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_latency", [&] {
    std::string json;
    std::size_t calls = 100000;
    CommandLine line("bench_latency", "Times single inferences on one core.");
    line.add_count("--calls", calls, "timed calls", 1, 100000000)
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_writable(json);

    bench::Report report("latency", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf("%s\n", report.where().c_str());
    const std::size_t before = bench::allocations();
    Server server;
    const std::size_t for_the_program = bench::allocations() - before;
    const Latency found = time_calls(server, calls);
    bool no_system_calls = false;
    const std::string system = system_calls(server, no_system_calls);

    std::printf(
        "%zu calls one by one, the %.0f ns that reading the clock takes subtracted; %zu more watched for "
        "system calls; %zu allocations when the program was made\n",
        calls, 1e3 * found.clock, watched_calls, for_the_program);
    const bool met = (!has_bar || found.median <= bar_microseconds) && for_the_program > 0 &&
                     found.allocations == 0 && no_system_calls;
    report.add("toy-1", {{"median_us", found.median},
                         {"percentile_99_us", found.percentile_99},
                         {"allocations", static_cast<double>(found.allocations)}});
    if (!json.empty()) report.write(json, met);
    const std::string bar =
        has_bar ? " (bar " + std::to_string(static_cast<int>(bar_microseconds)) + " us)" : "";
    std::printf(
        "bench --latency: one core: an inference of toy-1 takes %.2f us%s, 99 of 100 at most %.2f us; %s, "
        "%s: %s\n",
        found.median, bar.c_str(), found.percentile_99, allocations(found, for_the_program).c_str(),
        system.c_str(), met ? "ok" : "MISSED");
    return met ? 0 : 1;
  });
}
