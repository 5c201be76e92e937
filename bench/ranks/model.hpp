#pragma once

#include "job.hpp"

#include <vector>

namespace bench {

/// What the time of a step at several ranks follows from, besides its model.
///
/// A rank sends n - 1 messages of gradients, each a slice, and as many of parameters; and five small ones to
/// each other rank: what shards say of their losses, the largest gradients, and three agreements, which take
/// twice the logarithm of n in a tree. Messages of a rank go one after the other, nothing is done while they
/// do, and no two ranks share a wire: links are those of a switch that is never full.
struct Network {
  double latency = 0;           ///< seconds of a small message
  double bytes_per_second = 0;  ///< of a large one
  std::size_t processors = 1;   ///< of the machine that all ranks share; 0 if each has one of its own
};

/// Measures it between the first two ranks of the job. Called by all of them.
Network measure_network(const ctgrad::Ranks& ranks);

/// The seconds of a step at `ranks` ranks whose shards take `seconds` at a single one.
double predicted_seconds(const Network& network, std::size_t ranks, double seconds,
                         std::size_t parameter_bytes);

/// Prints what the model says beside what was measured, and of up to 1024 ranks with a shard each.
void print_model(const Network& network, const char* name, const std::vector<std::size_t>& sizes,
                 const RankTimes& times);

}  // namespace bench
