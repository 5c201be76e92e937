#pragma once

#include <ctgrad/io/file_lock.hpp>
#include <ctgrad/train/ranks.hpp>

#include "command_line.hpp"

#include <optional>
#include <string>

/// Options that say where a training run's files are; an empty path is none.
struct RunFileOptions {
  std::string load;        ///< parameters to start from
  std::string save;        ///< parameters at the end
  std::string resume;      ///< the checkpoint of a run to go on with
  std::string checkpoint;  ///< where checkpoints go
  std::size_t checkpoint_every = 100;
  std::string report;  ///< where what a person sees goes, at the end

  void add_to(CommandLine& line);
};

/// The files of one training run, of a model in float that takes one batch a step. Its checkpoint is its own
/// while it lives: a second run that is to write the same file is refused before it begins.
class RunFiles {
 public:
  /// `settings` are options of which a resumed run must have the same as the run before: name and value. Of
  /// ranks, which call all of it together unless it says something else, the first one has the files.
  /// Throws std::invalid_argument, naming the options, if parameters are to come from two files or if a file
  /// is to be written as two things or read and written as two, and io::WriteError if one cannot be written
  /// later or another run has the checkpoint.
  RunFiles(RunFileOptions options, std::uint64_t seed, ctgrad::io::Metadata settings,
           ctgrad::Ranks ranks = {});

  /// Brings all three to where a run of `steps` steps begins; gives the steps that are done.
  /// `batches.skip(n)` passes over n batches. Throws as load_parameters and load_checkpoint do, and
  /// std::invalid_argument, naming the option, if a setting or the seed is not the checkpoint's or its steps
  /// are more.
  template <class Parameters, class Optimizer, class Batches>
  std::size_t begin(std::size_t steps, Parameters& parameters, Optimizer& optimizer, Batches& batches) const {
    ctgrad::RunView<float> view = view_of(parameters, optimizer);
    ctgrad::RunState run;
    ranks_.together([&] {
      if (ranks_.is_first()) run = read(view, steps);
    });
    broadcast(ranks_, view);
    broadcast(ranks_, run);
    restore(optimizer, view.state);
    batches.skip(run.position);
    return static_cast<std::size_t>(run.step);
  }

  /// Writes a checkpoint if one is due after the optimiser's step. Throws io::WriteError if it cannot, after
  /// which run_training goes on, until the next one is due.
  template <class Parameters, class Optimizer>
  void after_step(const Parameters& parameters, Optimizer& optimizer) {
    if (options_.checkpoint.empty() || optimizer.steps() % options_.checkpoint_every != 0) return;
    optimizer.gather_state();
    if (ranks_.is_first()) write_checkpoint(view_of(parameters, std::as_const(optimizer)));
  }

  /// Writes what is to be there at the end, the parameters also where the checkpoint cannot be written.
  /// Throws io::WriteError then, and may be called again. Called by the first rank, which has the optimiser's
  /// state.
  template <class Parameters, class Optimizer>
  void end(const Parameters& parameters, const Optimizer& optimizer) {
    if (ranks_.is_first()) write_at_end(view_of(parameters, optimizer));
  }

  /// What a run says that a signal has stopped behind a step, when everything is written.
  std::string stopped(const char* signal, std::size_t step, std::size_t steps) const;

 private:
  void check();
  ctgrad::RunState read(ctgrad::RunView<float>& view, std::uint64_t steps) const;
  void write_checkpoint(const ctgrad::RunView<const float>& view);
  void write_parameters(const ctgrad::RunView<const float>& view) const;
  void write_at_end(const ctgrad::RunView<const float>& view);
  void require_same(const std::string& option, const std::string& expected, const std::string& got) const;
  [[noreturn]] void refuse(const std::string& option, const std::string& expected,
                           const std::string& got) const;

  RunFileOptions options_;
  std::uint64_t seed_;
  ctgrad::io::Metadata settings_;
  ctgrad::Ranks ranks_;
  std::optional<ctgrad::io::FileLock> checkpoint_;
  std::optional<std::uint64_t> written_;  ///< the step of the last checkpoint
};
