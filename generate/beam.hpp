#pragma once

#include <ctgrad/generate/beam_state.hpp>

namespace ctgrad::generate {

/// Searches for the likeliest sequences after a prompt of every source, with the decoder's width of beams for
/// each; prompts[b] belongs to source b. Returns up to that many hypotheses a source, the best score first:
/// the best of all that the search has met. Fewer come back only where there are fewer of a probability.
///
/// A step ranks all continuations of a source's beams by their log-probability. All that end are hypotheses,
/// and the best `width` of the others are the next beams. The path that `greedy` takes stays among them, in
/// the place of the last if it falls behind, until it ends: so no width finds less than `greedy`, which plain
/// beam search does not promise. A width of 1 is `greedy`: its beam takes the likeliest token alone, also
/// where that is the end. At the length all beams are hypotheses as they are, without an end, and stand by
/// their scores beside those that have ended.
///
/// A source is done when none of its beams can come to a better score than its `width` best hypotheses. A
/// beam's log-probability never grows, and the penalty is largest at the length, so what bounds its score is
/// the log-probability of now over that penalty. What comes back is what going on to the length would give.
///
/// Of equal scores the shorter comes first, then one that has ended, then the one from the better beam, then
/// the smaller id; of equal beams the one from the better beam, then the smaller id. A source does not depend
/// on the others of its batch, and a done one is not looked at any more. Nothing is allocated for a token,
/// only for a hypothesis. Throws as `greedy` does.
template <Decoder D>
std::vector<Hypotheses> beam_search(D& decoder, const Sequences& prompts, const BeamOptions& options = {}) {
  BeamState<D> beams(prompts, decoder.sources(), options);
  if (prompts.empty()) return beams.hypotheses();
  Sequences first(prompts.size() * D::width);
  for (std::size_t source = 0; source < prompts.size(); ++source) first[source * D::width] = prompts[source];
  decoder.rewind();
  const auto* logits = logits_of<D>(prefill(decoder, first));
  while (beams.grow(logits)) {
    decoder.reorder(beams.origins());
    logits = logits_of<D>(decoder.next(beams.ids()));
  }
  return beams.hypotheses();
}

/// Searches from one token, with which the target of every source begins. Throws as `greedy` does.
template <Decoder D>
std::vector<Hypotheses> beam_search(D& decoder, std::int32_t begin, const BeamOptions& options = {}) {
  return beam_search(decoder, Sequences(decoder.sources(), {begin}), options);
}

}  // namespace ctgrad::generate
