#pragma once

#include <ctgrad/train/run_view.hpp>

#include "command_line.hpp"

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

/// The files of one training run, of a model in float that takes one batch a step.
class RunFiles {
 public:
  /// `settings` are options of which a resumed run must have the same as the run before: name and value.
  /// Throws std::invalid_argument if parameters are to come from two files.
  RunFiles(RunFileOptions options, std::uint64_t seed, ctgrad::io::Metadata settings);

  /// Brings all three to where the run begins; gives the steps that are done. `batches.skip(n)` passes over n
  /// batches. Throws as load_parameters and load_checkpoint do, std::invalid_argument, naming the option, if
  /// a setting or the seed is not the checkpoint's, and std::system_error if a file cannot be written later.
  template <class Parameters, class Optimizer, class Batches>
  std::size_t begin(Parameters& parameters, Optimizer& optimizer, Batches& batches) const {
    ctgrad::RunView<float> view = view_of(parameters, optimizer);
    const ctgrad::RunState run = read(view);
    restore(optimizer, view.state);
    batches.skip(run.position);
    return static_cast<std::size_t>(run.step);
  }

  /// Writes a checkpoint if one is due after the optimiser's step.
  template <class Parameters, class Optimizer>
  void after_step(const Parameters& parameters, const Optimizer& optimizer) const {
    if (due(optimizer.steps())) write_checkpoint(view_of(parameters, optimizer));
  }

  /// Writes what is to be there at the end.
  template <class Parameters, class Optimizer>
  void end(const Parameters& parameters, const Optimizer& optimizer) const {
    if (!due(optimizer.steps())) write_checkpoint(view_of(parameters, optimizer));
    write_parameters(view_of(parameters, optimizer));
  }

 private:
  bool due(std::uint64_t steps) const { return steps % options_.checkpoint_every == 0; }
  ctgrad::RunState read(ctgrad::RunView<float>& view) const;
  void write_checkpoint(const ctgrad::RunView<const float>& view) const;
  void write_parameters(const ctgrad::RunView<const float>& view) const;
  void require_same(const std::string& option, const std::string& expected, const std::string& got) const;

  RunFileOptions options_;
  std::uint64_t seed_;
  ctgrad::io::Metadata settings_;
};
