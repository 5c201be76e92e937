// Times training steps by several ranks of one thread each, in turns, and says how many bytes they send. It
// is to be started by mpirun with as many processes as there are to be ranks; those that a turn does not need
// sleep.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/job/job.hpp"
#include "../support/options.hpp"
#include "../support/peak.hpp"
#include "../support/report.hpp"
#include "job.hpp"
#include "model.hpp"
#include "picture.hpp"

#include <ctgrad/runtime/rank_sums.hpp>

#include <charconv>
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>

void bench::sleep_until_all_come() {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  int all = 0;
  while (MPI_Test(&request, &all, MPI_STATUS_IGNORE), all == 0)
    std::this_thread::sleep_for(std::chrono::microseconds(200));
}

namespace {

struct Configuration {
  const char* name;
  const char* what;
  bench::RankTimes (*time)(const std::vector<bench::Group>& groups, std::size_t samples);
  std::size_t samples;
  double bar;  ///< times as fast a step is at two ranks as at one
};

constexpr Configuration configurations[] = {
    {"small", "width 128", bench::time_ranks_small, 25, 1.7},
    {"base", "width 512", bench::time_ranks_base, 9, 1.7},
};

/// "1,2,4" as numbers of ranks. Throws std::invalid_argument for what is none, or more than there are.
std::vector<std::size_t> sizes_of(const std::string& list, std::size_t most) {
  std::vector<std::size_t> sizes;
  std::istringstream text(list);
  for (std::string number; std::getline(text, number, ',');) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
    if (error != std::errc{} || end != number.data() + number.size() || size == 0 || size > most) {
      throw std::invalid_argument("--ranks: expected numbers from 1 to " + std::to_string(most) +
                                  ", those that mpirun began, got '" + number + "'");
    }
    sizes.push_back(size);
  }
  return sizes;
}

std::vector<bench::Group> groups_of(const std::vector<std::size_t>& sizes, std::size_t rank) {
  std::vector<bench::Group> groups;
  for (const std::size_t size : sizes) {
    MPI_Comm processes = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, rank < size ? 0 : 1, static_cast<int>(rank), &processes);
    auto transport =
        std::make_shared<bench::CountingTransport>(std::make_unique<ctgrad::MpiTransport>(processes));
    if (rank >= size) transport = nullptr;
    MPI_Comm_free(&processes);
    groups.push_back({size, std::move(transport)});
  }
  return groups;
}

/// The bytes that the first of `size` ranks has to send: of its gradients, if it computes a shard, all but
/// its own slice, and of its slice of the parameters a copy for each other rank.
double least_bytes(std::size_t bytes, std::size_t size, std::size_t shards) {
  const double of_others =
      static_cast<double>(bytes) * static_cast<double>(size - 1) / static_cast<double>(size);
  return ctgrad::runtime::shards_of_rank(shards, 0, size).count() > 0 ? 2 * of_others : of_others;
}

bool print(const Configuration& configuration, const std::vector<std::size_t>& sizes,
           const bench::RankTimes& times, bench::Report& report, std::string& summary) {
  bool met = true;
  bench::Report::Figures figures{{"shards", static_cast<double>(times.shards)}};
  std::printf("%-6s %zu shards, %.2f MB of parameters\n", configuration.name, times.shards,
              1e-6 * static_cast<double>(times.parameter_bytes));
  for (std::size_t g = 0; g < sizes.size(); ++g) {
    const double least = least_bytes(times.parameter_bytes, sizes[g], times.shards);
    std::printf(
        "  %zu rank%s %9.3f ms, %.3f times as fast as the first; the first sends %.3f MB, at least %.3f\n",
        sizes[g], sizes[g] == 1 ? " " : "s", 1e3 * times.seconds[g], times.ratios[g], 1e-6 * times.bytes[g],
        1e-6 * least);
    const std::string name = std::to_string(sizes[g]) + "_ranks_";
    figures.emplace_back(name + "ms", 1e3 * times.seconds[g]);
    figures.emplace_back(name + "bytes", times.bytes[g]);
    if (sizes[0] != 1 || sizes[g] != 2) continue;
    char piece[96];
    std::snprintf(piece, sizeof piece, "%s%s %.3f (bar %.1f)", summary.empty() ? "" : ", ",
                  configuration.name, times.ratios[g], configuration.bar);
    summary += piece;
    met = times.ratios[g] >= configuration.bar;
  }
  report.add(configuration.name, figures);
  return met;
}

struct Options {
  std::string only, json, picture, list = "1,2";
};

int measure(const std::vector<std::size_t>& sizes, const ctgrad::Ranks& ranks, const Options& options) {
  const std::vector<bench::Group> groups = groups_of(sizes, ranks.rank());
  bench::Report report("ranks", CTGRAD_BENCH_FLAGS, bench::vector_bits);
  std::printf("%s, %zu ranks of one thread\n", report.where().c_str(), ranks.size());
  const bench::Network network = bench::measure_network(ranks);
  if (network.bytes_per_second > 0)
    std::printf("a message of 8 bytes takes %.2f us, large ones %.2f GB/s\n", 1e6 * network.latency,
                1e-9 * network.bytes_per_second);
  std::string summary;
  bool met = true;
  bench::ModelPicture picture;
  for (const Configuration& configuration : configurations) {
    if (!options.only.empty() && options.only != configuration.name) continue;
    const bench::RankTimes times = configuration.time(groups, configuration.samples);
    if (!ranks.is_first()) continue;
    met = print(configuration, sizes, times, report, summary) && met;
    bench::print_model(network, configuration.name, sizes, times);
    picture.add(times, configuration.what);
    program::flush_output();
  }
  if (!ranks.is_first()) return 0;
  if (!options.json.empty()) report.write(options.json, met);
  if (!options.picture.empty()) picture.write(options.picture);
  std::printf("bench --ranks %s: two ranks, times as fast as one: %s: %s\n", options.list.c_str(),
              summary.empty() ? "not measured" : summary.c_str(), met ? "ok" : "MISSED");
  return met ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run_job("bench_ranks", argc, argv, [&](const ctgrad::Ranks& ranks) {
    if (!ctgrad::is_begun_by_mpi()) throw std::runtime_error("is to be started by mpirun -n NUMBER");
    Options options;
    CommandLine line("bench_ranks", "Times training steps by several ranks of one thread each.");
    line.add("--ranks", options.list, "numbers of ranks, as 1,2,4; ratios are to the first one's time")
        .add("--only", options.only, "one configuration: small or base")
        .add("--json", options.json, "a file for the figures")
        .add("--picture", options.picture,
             "a file, .svg, for a drawing of what the model says of many ranks");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(options.only, configurations);
    ranks.together([&] {
      if (!ranks.is_first()) return;
      bench::require_writable(options.json);
      bench::require_writable(options.picture);
    });
    return measure(sizes_of(options.list, ranks.size()), ranks, options);
  });
}
