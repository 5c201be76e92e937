#pragma once

#include "../support/training.hpp"
#include "measurement.hpp"

namespace bench {

/// The median of many samples after a warm-up; `run(count)` gives the seconds that a run took.
template <class Run>
Timing time(Stopwatch& watch, const Runs& runs, double flops, const Run& run) {
  for (std::size_t i = 0; i < runs.samples / 5 + 1; ++i) run(runs.per_sample);
  Samples samples;
  for (std::size_t i = 0; i < runs.samples; ++i) watch.sample(samples, [&] { return run(runs.per_sample); });
  return samples.timing(flops);
}

template <Shape S>
Measurement measure(const Runs& runs) {
  Measurement found;
  Stopwatch watch;
  if (runs.forward) {
    Inference<S> inference;
    found.forward =
        time(watch, runs, forward_flops(S), [&](std::size_t count) { return inference.passes(count); });
  }
  if (runs.step) {
    Training<S> training;
    found.step = time(watch, runs, step_flops(S), [&](std::size_t count) { return training.steps(count); });
  }
  found.peak = watch.peak();
  return found;
}

}  // namespace bench
