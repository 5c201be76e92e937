#pragma once

#include <ctgrad/generate/sample.hpp>

#include <algorithm>

/// As many texts as the decoder has rows that begin with the prompt and go on for `count` tokens, which may
/// be more than the decoder has positions for: where it is full, the later half of what it holds begins the
/// next piece. Row r of piece p is sequence p rows + r of the seed. Throws as generate::sample does.
template <ctgrad::generate::Decoder D>
ctgrad::generate::Sequences write_texts(D& decoder, const ctgrad::generate::Sequence& prompt,
                                        std::size_t count, ctgrad::generate::SampleOptions options,
                                        ctgrad::Seed seed) {
  constexpr auto half = static_cast<std::ptrdiff_t>(D::length / 2);
  ctgrad::generate::Sequences texts(D::rows, prompt);
  for (options.first = 0; texts.front().size() < prompt.size() + count; options.first += D::rows) {
    ctgrad::generate::Sequences ends;
    for (const auto& text : texts)
      ends.emplace_back(text.end() - std::min(std::ssize(text), half), text.end());
    const auto more = ctgrad::generate::sample(decoder, ends, options, seed);
    for (std::size_t row = 0; row < D::rows; ++row)
      texts[row].insert(texts[row].end(), more[row].begin(), more[row].end());
  }
  for (auto& text : texts) text.resize(prompt.size() + count);
  return texts;
}
