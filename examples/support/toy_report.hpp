#pragma once

#include "toy_model.hpp"
#include "toy_options.hpp"

#include <ctgrad/report/curve.hpp>
#include <ctgrad/report/html.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/metrics.hpp>

#include <span>

namespace toy_encoder {

using Tokens = std::span<const std::int32_t, length>;

/// What there is to tell of a run of 03_train_encoder.
struct Run {
  ctgrad::report::History history;              ///< empty if nothing was trained
  std::vector<ctgrad::report::Sample> samples;  ///< of which the first is looked at closely
  std::vector<std::int32_t> ids;                ///< the first sample's input

  /// A line of how training goes, which the history keeps; gives the accuracy.
  double report(const ctgrad::LoopReport& report, double accuracy);

  /// Adds a sequence that training never showed, what the model made of it, and what would have been right.
  void add(Tokens input, Tokens predicted, Tokens target);
};

/// Prints what was learned and, if that is asked for, writes the report: the model's summary, the curves, the
/// samples, how every head looks at the first of them, and the training step's graph. Gives the program's
/// exit code: 1 if a bar was missed. Throws std::runtime_error if the file cannot be written.
int conclude(const Options& options, const ctgrad::Parameters<Model>& parameters, const Run& told,
             const ctgrad::Hits& hits, const ctgrad::LoopResult& loop);

}  // namespace toy_encoder
