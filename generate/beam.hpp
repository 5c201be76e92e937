#pragma once

#include <ctgrad/generate/beam_state.hpp>

namespace ctgrad::generate {

/// Searches for the likeliest sequences after a prompt of every source, with the decoder's width of beams for
/// each; prompts[b] belongs to source b. Returns up to that many hypotheses a source, the best score first.
///
/// A step ranks all continuations of a source's beams. Of the best `width` those that end are hypotheses; the
/// best `width` that do not end are the next beams. A source is done with as many hypotheses as beams, or at
/// the length, where beams that have not ended are hypotheses as well. So a width of 1 is `greedy`, and one
/// of all sequences an exhaustive search. Of equals the one from the better beam, then the smaller id, comes
/// first. Nothing is allocated for a token, only for a hypothesis. Throws as `greedy` does.
template <Decoder D>
std::vector<Hypotheses> beam_search(D& decoder, const Sequences& prompts, const BeamOptions& options = {}) {
  BeamState<D> beams(prompts, decoder.sources(), options);
  if (prompts.empty()) return beams.hypotheses();
  Sequences first(D::rows);
  for (std::size_t source = 0; source < prompts.size(); ++source) first[source * D::width] = prompts[source];
  decoder.rewind();
  const auto* logits = logits_of(prefill(decoder, first));
  while (beams.grow(logits)) {
    decoder.reorder(beams.origins());
    logits = logits_of(decoder.next(beams.ids()));
  }
  return beams.hypotheses();
}

/// The same from one token, with which all sources begin.
template <Decoder D>
std::vector<Hypotheses> beam_search(D& decoder, std::int32_t begin, const BeamOptions& options = {}) {
  return beam_search(decoder, Sequences(decoder.sources(), {begin}), options);
}

}  // namespace ctgrad::generate
