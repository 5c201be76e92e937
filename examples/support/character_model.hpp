#pragma once

#include <ctgrad/runtime/ranks.hpp>

#include "model_files.hpp"
#include "text.hpp"

/// What 06_character_model is told on its command line, and the text that it is told to read.
namespace character_model {

inline constexpr std::int32_t vocabulary = 128;  ///< characters that the model tells apart

struct Options {
  std::string text = "/usr/share/common-licenses/GPL-3";
  std::size_t steps = 4000, report_every = 200;
  std::uint64_t seed = 1;
  double learning_rate = 3e-3;
  ModelFileOptions files;
  std::string prompt;
  double temperature = 0.8;
  std::size_t top_k = 0, length = 300;
  bool allow_unlearned = false;

  void add_to(CommandLine& line);
};

/// Reads the text, at every rank, and says how long its parts are. Throws what read_text and Corpus throw;
/// all name the file; and what Ranks::require_same throws where it is not the same everywhere.
Corpus read_corpus(const Options& options, const ctgrad::Ranks& ranks);

/// The first `count` characters that the model never saw.
std::span<const std::int32_t> unseen_text(const Corpus& corpus, std::size_t count);

/// What samples begin with: so many characters that the model never saw unless the options have others.
std::vector<std::int32_t> prompt_of(const Options& options, const Corpus& corpus, std::size_t count);

}  // namespace character_model
