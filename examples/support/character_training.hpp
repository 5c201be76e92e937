#pragma once

#include "character_model.hpp"
#include "program.hpp"

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/report/curve.hpp>
#include <ctgrad/train/loop.hpp>

#include <cstdio>
#include <limits>

namespace character_model {

/// A model, and how training came to it.
template <class Model>
struct Trained {
  explicit Trained(ctgrad::Seed seed) : parameters(seed) {}

  ctgrad::Parameters<Model> parameters;  ///< those of the lowest validation loss
  double validation_loss = std::numeric_limits<double>::infinity();
  std::size_t step = 0;   ///< at which they were that
  std::size_t steps = 0;  ///< done
  double seconds = 0;
  ctgrad::report::Curve training{"training, with dropout"}, validation{"validation"};

  /// Prints the losses of a report and keeps the parameters if they are the best so far.
  void report(std::size_t at, const ctgrad::Parameters<Model>& now, double training_loss,
              double loss_on_validation) {
    if (loss_on_validation < validation_loss) {
      parameters = now;
      validation_loss = loss_on_validation;
      step = at;
    }
    training.add(static_cast<double>(at), training_loss);
    validation.add(static_cast<double>(at), loss_on_validation);
    std::printf("step %5zu  training loss %.9f  validation loss %.9f%s\n", at,
                ctgrad::text::unsigned_nan(training_loss), ctgrad::text::unsigned_nan(loss_on_validation),
                step == at ? "  best" : "");
    program::flush_output();
  }

  /// Notes what a training came to that left its last parameters in `now`.
  void end(const ctgrad::LoopResult& loop, const ctgrad::Parameters<Model>& now) {
    steps = loop.steps;
    seconds = loop.seconds;
    if (step == 0) parameters = now;  // stopped before the first report
  }
};

/// The parameters of a file that `save` wrote; its model reads characters as this corpus' ids.
template <class Model>
Trained<Model> load(const Options& options, const Corpus& corpus) {
  const ctgrad::io::Safetensors file = ctgrad::io::read_safetensors(options.files.load);
  const auto characters = file.metadata().find("characters");
  if (characters == file.metadata().end() || characters->second != corpus.vocabulary().all()) {
    throw std::runtime_error(file.file() + ": characters: expected those of " +
                             ctgrad::io::shown(options.text) + ", got " +
                             (characters == file.metadata().end() ? "none" : "others"));
  }
  Trained<Model> trained{ctgrad::Seed{options.seed}};
  ctgrad::io::load_parameters(file, trained.parameters);
  return trained;
}

/// Writes the file that --save names, if one is named.
template <class Model>
void save(const Options& options, const Corpus& corpus, const ctgrad::Parameters<Model>& parameters) {
  if (options.files.save.empty()) return;
  ctgrad::io::save_parameters(options.files.save, parameters, {{"characters", corpus.vocabulary().all()}});
}

}  // namespace character_model
