#pragma once

#include "../support/timing.hpp"

namespace bench {

/// What to time, and how often.
struct Runs {
  std::size_t samples;     ///< of each of the two
  std::size_t per_sample;  ///< runs that are timed at once
  bool forward = true;
  bool step = true;
};

/// What a configuration takes on one core.
struct Measurement {
  Timing forward;   ///< ids in, logits out
  Timing step;      ///< forward, backward, Adam
  double peak = 0;  ///< floating-point operations a second, the median of the samples around these
};

// One for every configuration. Each is a file of its own, since it compiles two programs.
Measurement measure_toy(const Runs& runs);
Measurement measure_toy_1(const Runs& runs);
Measurement measure_seed(const Runs& runs);
Measurement measure_seed_32(const Runs& runs);
Measurement measure_small(const Runs& runs);
Measurement measure_base(const Runs& runs);

}  // namespace bench
