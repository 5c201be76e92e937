#pragma once

#include "alphabet.hpp"
#include "model_files.hpp"
#include "text_pair.hpp"

/// What a model is to translate, by the character.
struct TranslationTask {
  const char* title;  ///< "Written dates"
  const char* what;   ///< "dates"
  Alphabet source, target;
  Draw draw;
  std::string (*normalized)(std::string_view typed);  ///< what a person typed, as examples are written
  std::size_t unseen;                                 ///< examples that the model is held against in the end
  std::size_t batch;                                  ///< texts that it translates side by side
  double bar = 0.99;  ///< the share of them that it must translate without a mistake
};

/// What the command line says.
struct TranslationOptions {
  std::size_t steps = 1000;
  std::size_t report_every = 100;
  std::uint64_t seed = 1;
  double learning_rate = 1e-3;
  ModelFileOptions files{};
  std::string text{};
  bool allow_unlearned = false;

  /// `text_option` is what a text to translate follows.
  void add_to(CommandLine& line, const std::string& text_option, const std::string& text_help) {
    line.add_count("--steps", steps, "training steps of 64 examples")
        .add_count("--report-every", report_every, "steps between two lines of losses")
        .add("--seed", seed, "what parameters, examples and dropout follow from")
        .add("--learning-rate", learning_rate, "AdamW's, after the warm-up", numbers::floats)
        .add(text_option, text, text_help)
        .add_flag("--allow-unlearned", allow_unlearned, "succeed whatever was learned");
    files.add_to(line);
  }
};
