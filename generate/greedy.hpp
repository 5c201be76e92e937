#pragma once

#include <ctgrad/generate/sequences.hpp>

namespace ctgrad::generate {

using GreedyOptions = Stop;

/// Goes on from every prompt, one a row of the decoder, with the likeliest token each time, the first of
/// equal ones. Returns what follows the prompts, without the end. Sequences that have ended wait for the
/// others. Throws std::invalid_argument, naming it, for a prompt or an option that does not fit the decoder,
/// and for logits that are NaN, infinite or all -infinity.
template <Decoder D>
Sequences greedy(D& decoder, const Sequences& prompts, const GreedyOptions& options = {}) {
  return extend("greedy", decoder, prompts, options, [](std::size_t row, std::size_t, auto logits) {
    require_logits("greedy", logits, row);
    return likeliest(logits);
  });
}

/// Goes on with the likeliest token each time, from one token with which all rows of all sources begin.
template <Decoder D>
Sequences greedy(D& decoder, std::int32_t begin, const GreedyOptions& options = {}) {
  return greedy(decoder, Sequences(decoder.sources() * D::width, {begin}), options);
}

}  // namespace ctgrad::generate
