#pragma once

#include "model_folder.hpp"
#include "texts.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentences {

/// A published model that makes vectors of texts: its tokenizer, and its weights where they lie in their
/// file.
class TextEmbedder {
 public:
  /// Opens a model's folder. Throws what open_model_folder, text::WordPiece::read and io::MappedParameters
  /// throw, and std::invalid_argument where the vocabulary has more tokens than the model.
  TextEmbedder(const std::filesystem::path& folder, const CompiledModel& compiled);

  std::size_t width() const { return width_; }
  /// The most tokens of a text, those of its beginning and its end included; further ones are left out.
  std::size_t most_tokens() const { return most_tokens_; }

  /// A text's tokens; `place` is what errors call the text. Throws std::invalid_argument, naming it, for a
  /// text that is no UTF-8.
  ctgrad::text::Encoding encode(std::string_view text, const std::string& place) const;

  /// The ids of all texts, and of how many of them tokens were left out.
  struct Encoded {
    std::vector<Tokens> ids{};
    std::size_t truncated = 0;
  };
  /// Throws as for one text.
  Encoded encode(const Texts& texts) const;

  /// The vectors of texts that are encoded. While it works, a person at a terminal sees how far it is.
  Embeddings embed(std::span<const Tokens> ids);

  /// The vector of one text.
  std::vector<float> embed(std::string_view text, const std::string& place);

  /// How many texts each of the program's buckets has computed.
  std::string summary() const { return embedder_->summary(); }

 private:
  ModelFolder folder_;
  ctgrad::text::WordPiece tokenizer_;
  std::size_t width_, most_tokens_;
  std::unique_ptr<Embedder> embedder_;
};

}  // namespace sentences
