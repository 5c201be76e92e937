#pragma once

#include <ctgrad/generate/sample.hpp>

/// As many texts as the decoder has rows that begin with the prompt and go on for `count` tokens, which may
/// be more than the decoder has positions for: where it is full, it goes on from the later half of what it
/// holds. Row r is sequence r of the seed. Throws as generate::sample does.
template <ctgrad::generate::Decoder D>
ctgrad::generate::Sequences write_texts(D& decoder, const ctgrad::generate::Sequence& prompt,
                                        std::size_t count, ctgrad::generate::SampleOptions options,
                                        ctgrad::Seed seed) {
  options.length = static_cast<std::int64_t>(count);
  options.stride = (D::length + 1) / 2;
  ctgrad::generate::Sequences texts(D::rows, prompt);
  const auto more = ctgrad::generate::sample(decoder, texts, options, seed);
  for (std::size_t row = 0; row < D::rows; ++row)
    texts[row].insert(texts[row].end(), more[row].begin(), more[row].end());
  return texts;
}
