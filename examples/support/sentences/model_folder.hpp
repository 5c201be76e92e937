#pragma once

#include <ctgrad/text.hpp>

#include "embedder.hpp"

#include <filesystem>

namespace sentences {

/// A model's files, as they are published: what of them is read, and how its texts are made tokens of.
struct ModelFolder {
  std::filesystem::path weights;     ///< model.safetensors
  std::filesystem::path vocabulary;  ///< vocab.txt
  ctgrad::text::WordPieceOptions tokenizer{};
  std::size_t most_tokens = 0;  ///< of a text: what is behind them is left out
};

/// Reads a folder's config.json, and, where they are there, tokenizer_config.json, sentence_bert_config.json
/// and 1_Pooling/config.json. Throws std::invalid_argument, "FILE: KEY: expected ..., got ...", where the
/// model is another one than was compiled, or makes vectors otherwise than by the mean of all tokens, and
/// what io::read_file throws.
ModelFolder open_model_folder(const std::filesystem::path& folder, const CompiledModel& compiled);

}  // namespace sentences
