#include "text_embedder.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/train/progress.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace sentences {

namespace {

/// Texts that are handed over at once: among so many, most are computed beside others of their length.
constexpr std::size_t at_once = 512;

}  // namespace

TextEmbedder::TextEmbedder(const std::filesystem::path& folder, const CompiledModel& compiled)
    : folder_(open_model_folder(folder, compiled)),
      tokenizer_(ctgrad::text::WordPiece::read(folder_.vocabulary, folder_.tokenizer)),
      width_(compiled.width),
      most_tokens_(folder_.most_tokens),
      embedder_(compiled.open(folder_.weights)) {
  const std::size_t tokens = tokenizer_.vocabulary().size();
  if (tokens > compiled.sizes.vocab_size) {
    throw std::invalid_argument(ctgrad::io::shown(folder_.vocabulary.native(), 1000) + ": expected at most " +
                                std::to_string(compiled.sizes.vocab_size) +
                                " tokens, as the model has, got " + std::to_string(tokens));
  }
}

ctgrad::text::Encoding TextEmbedder::encode(std::string_view text, const std::string& place) const {
  try {
    return tokenizer_.encode(text, most_tokens_);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(place + ": " + error.what());
  }
}

TextEmbedder::Encoded TextEmbedder::encode(const Texts& texts) const {
  Encoded encoded;
  encoded.ids.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ctgrad::text::Encoding text = encode(texts.texts[i], texts.place(i));
    encoded.truncated += text.truncated ? 1 : 0;
    encoded.ids.push_back(std::move(text.ids));
  }
  return encoded;
}

Embeddings TextEmbedder::embed(std::span<const Tokens> ids) {
  Embeddings all{width_};
  all.numbers.reserve(ids.size() * width_);
  ctgrad::Progress progress(ids.size(), ids.size() > at_once ? stderr : nullptr, 0, "text");
  for (std::size_t begin = 0; begin < ids.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, ids.size() - begin);
    all.append(embedder_->embed(ids.subspan(begin, count)).numbers);
    progress.update(begin + count);
  }
  return all;
}

std::vector<float> TextEmbedder::embed(std::string_view text, const std::string& place) {
  const Tokens ids[] = {encode(text, place).ids};
  return embedder_->embed(ids).numbers;
}

}  // namespace sentences
