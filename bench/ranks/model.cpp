#include "model.hpp"

#include "../support/timing.hpp"

#include <ctgrad/runtime/processors.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The median seconds of an exchange of so many bytes between the first two ranks.
double exchange_seconds(const ctgrad::Ranks& ranks, std::size_t bytes, std::size_t samples) {
  std::vector<std::byte> outgoing(bytes), incoming(bytes);
  std::vector<ctgrad::Ranks::Sent> sent(ranks.size());
  std::vector<ctgrad::Ranks::Received> received(ranks.size());
  if (ranks.rank() < 2) {
    sent[1 - ranks.rank()] = {outgoing.data(), bytes};
    received[1 - ranks.rank()] = {incoming.data(), bytes};
  }
  std::vector<double> seconds;
  for (std::size_t i = 0; i <= samples; ++i) {
    const double begin = seconds_now();
    ranks.exchange(sent, received);
    if (i > 0) seconds.push_back(seconds_now() - begin);
  }
  return bench::median(seconds);
}

}  // namespace

bench::Network bench::measure_network(const ctgrad::Ranks& ranks) {
  constexpr std::size_t small = 8, large = std::size_t{8} << 20;
  Network network{0, 0, ctgrad::runtime::usable_processors()};
  if (ranks.size() == 1) return network;
  network.latency = exchange_seconds(ranks, small, 2000);
  network.bytes_per_second = static_cast<double>(large) / exchange_seconds(ranks, large, 20);
  return network;
}

double bench::predicted_seconds(const Network& network, std::size_t ranks, double seconds,
                                std::size_t parameter_bytes) {
  const auto n = static_cast<double>(ranks);
  const double at_once = network.processors == 0 ? n : std::min(n, static_cast<double>(network.processors));
  if (ranks == 1) return seconds;
  const double slices = 2 * (n - 1) / n * static_cast<double>(parameter_bytes) / network.bytes_per_second;
  const double messages = (2 * (n - 1) + 2 * (n - 1) + 3 * 2 * std::log2(n)) * network.latency;
  return seconds / at_once + slices + messages;
}

void bench::print_model(const Network& network, const char* name, const std::vector<std::size_t>& sizes,
                        const RankTimes& times) {
  if (network.bytes_per_second == 0) return;
  for (std::size_t g = 0; g < sizes.size(); ++g) {
    const double predicted = predicted_seconds(network, sizes[g], times.seconds[0], times.parameter_bytes);
    std::printf("  %s at %zu ranks: model %.3f ms, measured %.3f ms\n", name, sizes[g], 1e3 * predicted,
                1e3 * times.seconds[g]);
  }
  // A rank's own time is that of one shard, while its batch grows with their number.
  const double shard = times.seconds[0] / static_cast<double>(times.shards);
  const Network links[] = {
      {network.latency, network.bytes_per_second, 0}, {2e-6, 12.5e9, 0}, {20e-6, 1.25e9, 0}};
  for (const Network& link : links) {
    std::printf("  %s, a shard a rank, messages of %.1f us and %.2f GB/s:", name, 1e6 * link.latency,
                1e-9 * link.bytes_per_second);
    for (std::size_t ranks = 8; ranks <= 1024; ranks *= 2) {
      const double seconds =
          predicted_seconds(link, ranks, shard * static_cast<double>(ranks), times.parameter_bytes);
      std::printf(" %zu ranks %.0f %%,", ranks, 100 * shard / seconds);
    }
    std::printf(" of the speed of as many that need no messages\n");
  }
}
