#pragma once

#include "toy_model.hpp"

#include <ctgrad/report/curve.hpp>
#include <ctgrad/report/html.hpp>

namespace toy_encoder {

/// What there is to tell of a run of 03_train_encoder.
struct Run {
  std::string task;                             ///< "reverse"
  ctgrad::report::History history;              ///< empty if nothing was trained
  std::vector<ctgrad::report::Sample> samples;  ///< of which the first is looked at closely
  std::vector<std::int32_t> ids;                ///< the first sample's input
};

/// Writes the model's summary, the curves, the samples, how every head looks at the first of them, and the
/// training step's graph. Throws std::runtime_error if the file cannot be written.
void write_report(const std::string& path, const ctgrad::Parameters<Model>& parameters, const Run& run);

}  // namespace toy_encoder
