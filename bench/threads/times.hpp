#pragma once

#include <cstddef>
#include <vector>

namespace bench {

/// What is timed, and how often.
struct ThreadRuns {
  std::vector<std::size_t> threads;  ///< sizes of teams
  std::size_t samples = 0;           ///< of each, in turns
  std::size_t per_sample = 1;        ///< runs that are timed at once
};

/// Medians in seconds: of a program of the whole batch, and of one in shards by teams of these sizes.
struct Times {
  double whole = 0;
  std::vector<double> sharded;
  std::vector<double> ratios;  ///< the medians of the first team's time by the other's, sample by sample
  /// How much two programs that share nothing get done beside each other, in two threads, of which the slower
  /// one counts, as a multiple of what one does alone: the machine's own limit for two threads.
  double apart = 0;
};

struct ThreadTimes {
  std::size_t shards = 0;
  Times forward;
  Times step;
};

// Each configuration is a file of its own, since it compiles four programs.
ThreadTimes time_threads_toy(const ThreadRuns& runs);
ThreadTimes time_threads_toy_1(const ThreadRuns& runs);
ThreadTimes time_threads_seed(const ThreadRuns& runs);
ThreadTimes time_threads_seed_32(const ThreadRuns& runs);
ThreadTimes time_threads_small(const ThreadRuns& runs);
ThreadTimes time_threads_base(const ThreadRuns& runs);
ThreadTimes time_threads_sentence(const ThreadRuns& runs);

}  // namespace bench
