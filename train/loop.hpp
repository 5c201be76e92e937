#pragma once

#include <ctgrad/io/write_error.hpp>
#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/train/non_finite.hpp>
#include <ctgrad/train/progress.hpp>
#include <ctgrad/train/require.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>

/// The training loop.
namespace ctgrad {

struct LoopOptions {
  std::size_t steps = 1000;        ///< of the whole run
  std::size_t report_every = 100;  ///< steps between two reports; the last step always reports
  std::size_t first_step = 0;      ///< steps done by the run that this one resumes
  double accuracy_bar = std::numeric_limits<double>::infinity();  ///< stops once reports reach it ...
  std::size_t reports_at_bar = 1;                                 ///< ... as often as this in a row
  /// That take the same steps together: all stop where one of them is asked to, and the first shows the line.
  Ranks ranks{};
};

/// What a report tells.
struct LoopReport {
  std::size_t step;  ///< steps done
  double loss;       ///< of the last batch, before its update
};

/// What a run came to.
struct LoopResult {
  std::size_t steps;  ///< steps done, those before the first included
  double seconds;     ///< what this run's steps took, reports and what follows excluded
  bool stopped;       ///< before the last step and the accuracy bar, because it was asked to
};

/// Behind every step nothing more is done.
struct NothingMore {
  void operator()() const {}
};

/// A run that nothing stops.
struct NeverStop {
  bool operator()() const { return false; }
};

/// Calls `after`; where that could not write a file, says so below the progress line.
template <class After>
void run_behind_step(After& after, Progress& progress, std::size_t step) {
  try {
    after();
  } catch (const io::WriteError& error) {
    progress.clear();
    std::fprintf(stderr, "step %zu: warning: %s; the run goes on\n", step, error.what());
  }
}

/// Runs `step(batch)`, which gives the loss, on one batch after the other, and shows a progress line at a
/// terminal. `report(LoopReport)` is called every so often and gives an accuracy for that line (NaN for
/// none). `after()` is called behind every step and its report: a run that goes on from a checkpoint written
/// there lacks no report, wherever the run before was killed. If it throws io::WriteError, as it does where a
/// disk is full, the run says so on stderr and goes on; whoever calls save_checkpoint every so often tries
/// again when the next one is due. Then `stop()` is asked whether the run is to end here, as
/// train/stop_signal.hpp's StopOnSignals says after a signal; the progress line then stays. Throws
/// std::invalid_argument for a count of 0 where there must be one, and NonFiniteLoss when a loss is infinite
/// or NaN; an update(parameters, result) within the step has refused it before.
template <class Batches, class Step, class Report, class After = NothingMore, class Stop = NeverStop>
LoopResult run_training(const LoopOptions& options, Batches& batches, Step step, Report report,
                        After after = {}, const Stop& stop = {}) {
  using Clock = std::chrono::steady_clock;
  require_option(options.report_every > 0, "run_training: report_every", "at least 1", 0);
  require_option(options.reports_at_bar > 0, "run_training: reports_at_bar", "at least 1", 0);
  Progress progress(options.steps, options.ranks.is_first() ? stderr : nullptr, options.first_step);
  double accuracy = std::nan("");
  Clock::duration spent{};
  std::size_t done = options.first_step, at_bar = 0;
  const auto finished = [&] { return done >= options.steps || at_bar >= options.reports_at_bar; };
  bool stopped = false;
  while (!finished() && !stopped) {
    const auto begin = Clock::now();
    const double loss = step(batches.next());
    spent += Clock::now() - begin;
    ++done;
    if (!is_finite(loss)) throw NonFiniteLoss(done, loss);
    if (done % options.report_every == 0 || done == options.steps) {
      progress.clear();
      accuracy = report(LoopReport{done, loss});
      at_bar = accuracy >= options.accuracy_bar ? at_bar + 1 : 0;
    }
    run_behind_step(after, progress, done);
    progress.update(done, loss, accuracy);
    stopped = options.ranks.any(stop(), RankCall::stop);
  }
  stopped = stopped && !finished();
  if (stopped) progress.keep();
  return {done, std::chrono::duration<double>(spent).count(), stopped};
}

}  // namespace ctgrad
