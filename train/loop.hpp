#pragma once

#include <ctgrad/train/progress.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

/// The training loop.
namespace ctgrad {

struct LoopOptions {
  std::size_t steps = 1000;
  std::size_t report_every = 100;  ///< steps between two reports; the last step always reports
};

/// What a report tells.
struct LoopReport {
  std::size_t step;  ///< steps done
  double loss;       ///< of the last batch, before its update
};

/// Runs `step(batch)`, which gives the loss, on one batch after the other, and shows a progress line at a
/// terminal. `report(LoopReport)` is called every so often and gives an accuracy for that line (NaN for
/// none). Returns the seconds that the steps took, reports excluded. Throws std::runtime_error, naming the
/// step, when a loss is infinite or NaN.
template <class Batches, class Step, class Report>
double run_training(LoopOptions options, Batches& batches, Step step, Report report) {
  using Clock = std::chrono::steady_clock;
  Progress progress(options.steps);
  double accuracy = std::nan("");
  Clock::duration spent{};
  for (std::size_t done = 1; done <= options.steps; ++done) {
    const auto begin = Clock::now();
    const double loss = step(batches.next());
    spent += Clock::now() - begin;
    if (!std::isfinite(loss)) {
      throw std::runtime_error("step " + std::to_string(done) + ": the loss is " + std::to_string(loss));
    }
    if (done % options.report_every == 0 || done == options.steps) {
      progress.clear();
      accuracy = report(LoopReport{done, loss});
    }
    progress.update(done, loss, accuracy);
  }
  return std::chrono::duration<double>(spent).count();
}

}  // namespace ctgrad
