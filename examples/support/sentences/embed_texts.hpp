#pragma once

#include <ctgrad/buckets.hpp>

namespace sentences {

/// What a model's buckets compute, the vector of each text: the mean of its tokens' hidden states, of length
/// 1.
struct EmbedTexts {
  constexpr auto operator()(const auto& model, const auto& text) const {
    return text.sentence_embedding(model(text.ids, text.mask()));
  }
};

}  // namespace sentences
