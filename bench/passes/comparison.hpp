#pragma once

#include <cstddef>

namespace bench {

/// What a training step takes without passes and with all of them, in one run.
struct Comparison {
  double plain_seconds = 0;  ///< the median
  double seconds = 0;        ///< the median
  double plain_loss = 0;     ///< of the first step
  double loss = 0;
};

// One for every configuration, so many timed steps in each of four turns: without, with, without, with. Each
// is a file of its own, since it compiles two programs.
Comparison compare_toy(std::size_t steps);
Comparison compare_toy_1(std::size_t steps);
Comparison compare_seed(std::size_t steps);
Comparison compare_seed_32(std::size_t steps);
Comparison compare_small(std::size_t steps);
Comparison compare_base(std::size_t steps);

}  // namespace bench
