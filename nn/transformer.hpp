#pragma once

#include <ctgrad/nn/decoder.hpp>
#include <ctgrad/nn/sequence_model.hpp>

/// A model that makes one sequence of another.
namespace ctgrad::nn {

/// The sizes of an encoder-decoder.
struct TransformerShape {
  Size source_vocabulary = 0;  ///< source tokens
  Size source_length = 0;      ///< tokens of a source, padding included
  Size target_vocabulary = 0;
  Size target_length = 0;  ///< tokens of a target, at most
  Size width = 32;
  Size heads = 2;
  Size hidden = 64;
  std::size_t encoder_layers = 2;
  std::size_t decoder_layers = 2;
  Positions positions = Positions::learned;
  TransformerOptions options = {};
};

/// An encoder over sources, padded behind their lengths, and a decoder over targets, which looks at what the
/// encoder made: source [batch, S], lengths [batch], target [batch, T] -> logits [batch, T, target
/// vocabulary], in row t those of target token t + 1. A key may follow, with which it drops.
template <TransformerShape S>
struct Transformer {
  using SourceTokens = Embedding<S.source_vocabulary, S.width>;
  using SourcePlaces = PositionsOf<S.positions, S.source_length, S.width>;
  using EncoderStack = Encoder<S.encoder_layers, S.width, S.heads, S.hidden, S.options>;
  using TargetTokens = Embedding<S.target_vocabulary, S.width>;
  using TargetPlaces = PositionsOf<S.positions, S.target_length, S.width>;
  using DecoderStack = Decoder<S.decoder_layers, S.width, S.heads, S.hidden, S.options>;
  using Head = Linear<S.width, S.target_vocabulary>;
  BOOST_HANA_DEFINE_STRUCT(Transformer, (SourceTokens, source_tokens), (SourcePlaces, source_positions),
                           (EncoderStack, encoder), (TargetTokens, target_tokens),
                           (TargetPlaces, target_positions), (DecoderStack, decoder), (Head, head));
  LayerNumber layer_number;

  static constexpr TransformerShape sizes = S;

  /// What `step` keeps of targets of up to S.target_length tokens, and what it needs of sources.
  template <Size Batch>
  using Cache = typename DecoderStack::template Cache<Batch, S.target_length>;
  template <Size Batch>
  using Memory = typename DecoderStack::template Cache<Batch, S.source_length>;

  template <Size Batch, Size Length, Size T, OptionalKey... K>
  constexpr auto operator()(const Index<Batch, Length>& source, const Index<Batch>& lengths,
                            const Index<Batch, T>& target, const K&... key) const {
    const auto memory = encode(source, lengths, key...);
    return decode(target, memory, lengths, key...);
  }

  /// What the decoder looks at: [batch, S, width].
  template <Size Batch, Size Length, OptionalKey... K>
  constexpr auto encode(const Index<Batch, Length>& source, const Index<Batch>& lengths,
                        const K&... key) const {
    return encoder(source_positions(source_tokens(source)), padding_mask<Length>(lengths),
                   fold_in(own_key(layer_number, key), 0)...);
  }

  /// The logits of targets over what `encode` made, by the same key or none.
  template <Size Batch, Size T, Size Length, OptionalKey... K>
  constexpr auto decode(const Index<Batch, T>& target, const Tensor<Batch, Length, S.width>& memory,
                        const Index<Batch>& lengths, const K&... key) const {
    const auto x = target_positions(target_tokens(target));
    return head(decoder(x, memory, padding_mask<Length>(lengths), fold_in(own_key(layer_number, key), 1)...));
  }

  /// What every step needs of sources [batch, source_length].
  template <Size Batch>
  constexpr Memory<Batch> remember(const Index<Batch, S.source_length>& source,
                                   const Index<Batch>& lengths) const {
    return decoder.remember(encode(source, lengths));
  }

  /// One target token of every sequence, ids [batch], at its position [batch]: the logits [batch, target
  /// vocabulary] of the next, and what the caches are to hold of this one.
  template <Size Batch>
  constexpr auto step(const Index<Batch>& ids, const Index<Batch>& position, const Cache<Batch>& cache,
                      const Memory<Batch>& memory, const Index<Batch>& lengths) const {
    const auto x = target_positions.at(reshape<Batch, 1, S.width>(target_tokens(ids)), position);
    const auto stepped = decoder.step(x, position, cache, memory, padding_mask<S.source_length>(lengths));
    return std::tuple{reshape<Batch, S.target_vocabulary>(head(stepped.output)), stepped.rows};
  }
};

}  // namespace ctgrad::nn
