#pragma once

#include <ctgrad/nn/embedding.hpp>
#include <ctgrad/nn/encoder.hpp>
#include <ctgrad/nn/masks.hpp>

#include <tuple>

/// Whole models over one kind of sequence of token ids, each one value with named parts.
namespace ctgrad::nn {

enum class Positions : std::uint8_t { learned, sinusoidal };

/// What stands for the positions of up to MaxLength tokens.
template <Positions P, Size MaxLength, Size Width>
using PositionsOf = std::conditional_t<P == Positions::learned, PositionEmbedding<MaxLength, Width>,
                                       SinusoidalPositions<MaxLength, Width>>;

/// What makes logits of a stack's output: a linear layer of its own, the table of tokens (x tableᵀ, without a
/// bias; Press and Wolf, "Using the output embedding to improve language models", 2017), or nothing: the
/// output itself is the result.
enum class Head : std::uint8_t { linear, tied, none };

/// The sizes of a model over one kind of sequence. The defaults are those of the usual small Transformer
/// in Keras (examples/07_keras_encoder.cpp).
struct SequenceModelShape {
  Size vocabulary = 10000;  ///< tokens
  Size length = 100;        ///< tokens of a sequence, at most
  Size width = 32;
  Size heads = 2;
  Size hidden = 32;
  std::size_t layers = 2;
  Positions positions = Positions::learned;
  Size token_types = 0;              ///< kinds of tokens that are told apart, 0 where none are
  bool embedding_norm = false;       ///< whether the sum of the embeddings is normalised
  Rate embedding_dropout = Rate{0};  ///< of that sum
  Head head = Head::linear;
  bool pooler = false;  ///< see EncoderModel::pooled
  TransformerOptions options = {};
};

/// Parts of a model of these sizes that it may do without.
template <SequenceModelShape S>
struct OptionalParts {
  using TokenTypes = std::conditional_t<(S.token_types > 0), Embedding<S.token_types, S.width>, Identity>;
  using EmbeddingNorm = std::conditional_t<S.embedding_norm, LayerNorm<S.width, S.options.epsilon>, Identity>;
  using EmbeddingDropout =
      std::conditional_t<(S.embedding_dropout.value > 0), Dropout<S.embedding_dropout>, Identity>;
  using Head = std::conditional_t<S.head == nn::Head::linear, Linear<S.width, S.vocabulary>, Identity>;
  using Pooler = std::conditional_t<S.pooler, Linear<S.width, S.width>, Identity>;
};

/// Says whether a model tells types of tokens apart.
template <Size TokenTypes>
struct token_types {
  static constexpr bool are_told_apart = TokenTypes > 0;
};

/// Says whether something may follow ids and their types.
template <class T>
struct behind_ids {
  static constexpr bool is_a_mask_or_a_key = OptionalKey<T>;
};
template <Size... D>
struct behind_ids<Mask<D...>> {
  static constexpr bool is_a_mask_or_a_key = true;
};

/// `dropout` of x by the key among what follows, if there is one.
template <class Dropping, class X, class... Rest>
constexpr X dropped(const Dropping& dropout, const X& x, const Rest&... rest) {
  if constexpr (!std::same_as<Dropping, Identity> && (OptionalKey<Rest> || ...)) {
    return dropout(x, std::get<const Key&>(std::tie(rest...)));
  } else {
    return x;
  }
}

/// What a head makes of a stack's output, [..., width]: logits [..., vocabulary], or the output itself.
template <Head H, class Tokens, class Layer, class X>
constexpr auto logits(const Tokens& tokens, const Layer& head, const X& x) {
  if constexpr (H == Head::tied) {
    return matmul(x, transpose(tokens.table));
  } else {
    return head(x);
  }
}

/// An encoder over embeddings of tokens, and what its head makes of it: ids [batch, T] -> logits [batch, T,
/// vocabulary], or, without a head, [batch, T, width].
///
/// Behind the ids may stand the tokens' types [batch, T], in [0, token_types); all are 0 without them. A mask
/// [broadcast to batch, heads, T, T] may follow, true where a token may look: padding_mask<T>(lengths) where
/// sequences are padded. Then a key, with which it drops.
template <SequenceModelShape S = SequenceModelShape{}>
struct EncoderModel {
  using Parts = OptionalParts<S>;
  using Tokens = Embedding<S.vocabulary, S.width>;
  using Places = PositionsOf<S.positions, S.length, S.width>;
  using TokenTypes = typename Parts::TokenTypes;
  using EmbeddingNorm = typename Parts::EmbeddingNorm;
  using EmbeddingDropout = typename Parts::EmbeddingDropout;
  using Stack = Encoder<S.layers, S.width, S.heads, S.hidden, S.options>;
  using Head = typename Parts::Head;
  using Pooler = typename Parts::Pooler;
  BOOST_HANA_DEFINE_STRUCT(EncoderModel, (Tokens, tokens), (Places, positions), (TokenTypes, token_types),
                           (EmbeddingNorm, embedding_norm), (EmbeddingDropout, embedding_dropout),
                           (Stack, encoder), (Head, head), (Pooler, pooler));

  static constexpr SequenceModelShape sizes = S;

  template <Size... D, class... Rest>
  constexpr auto operator()(const Index<D...>& ids, const Rest&... mask_and_key) const {
    const auto x = positions(tokens(ids));
    if constexpr (S.token_types > 0) {
      return apply(x + slice<0, 0, 1>(token_types.table), mask_and_key...);
    } else {
      return apply(x, mask_and_key...);
    }
  }
  template <Size Batch, Size T, class... Rest>
  constexpr auto operator()(const Index<Batch, T>& ids, const Index<Batch, T>& types,
                            const Rest&... mask_and_key) const {
    static_assert(nn::token_types<S.token_types>::are_told_apart,
                  "EncoderModel: token types are given, but the model has none: SequenceModelShape's "
                  "token_types is 0");
    return apply(positions(tokens(ids)) + token_types(types), mask_and_key...);
  }

  /// tanh(x0 weight + bias) of the first token x0 of every sequence that a model without a head gave:
  /// [batch, T, width] -> [batch, width]. Classifiers of whole sequences stand on it (Devlin et al., 2018).
  template <Size Batch, Size T>
  constexpr auto pooled(const Tensor<Batch, T, S.width>& x) const {
    static_assert(S.pooler, "EncoderModel: the model has no pooler: SequenceModelShape's pooler is false");
    return tanh(pooler(reshape<Batch, S.width>(slice<1, 0, 1>(x))));
  }

 private:
  /// A mask and a key may follow.
  template <class X, class... Rest>
  constexpr auto apply(const X& x, const Rest&... rest) const {
    static_assert((behind_ids<Rest>::is_a_mask_or_a_key && ...),
                  "EncoderModel: behind ids [batch, T] stand their types [batch, T], a mask and a key; of "
                  "lengths it is nn::padding_mask<T>(lengths)");
    return logits<S.head>(tokens, head,
                          encoder(dropped(embedding_dropout, embedding_norm(x), rest...), rest...));
  }
};

/// A model of the next token, of which none sees a later one: ids [batch, T] -> logits [batch, T,
/// vocabulary], in row t those of token t + 1. A key may follow, with which it drops.
template <SequenceModelShape S>
struct LanguageModel {
  static_assert(S.token_types == 0 && !S.pooler, "LanguageModel: it has neither token types nor a pooler");
  static_assert(S.head != nn::Head::none, "LanguageModel: without a head it says nothing of the next token");
  using Parts = OptionalParts<S>;
  using Tokens = Embedding<S.vocabulary, S.width>;
  using Places = PositionsOf<S.positions, S.length, S.width>;
  using EmbeddingNorm = typename Parts::EmbeddingNorm;
  using EmbeddingDropout = typename Parts::EmbeddingDropout;
  using Stack = Encoder<S.layers, S.width, S.heads, S.hidden, S.options>;
  using Head = typename Parts::Head;
  BOOST_HANA_DEFINE_STRUCT(LanguageModel, (Tokens, tokens), (Places, positions),
                           (EmbeddingNorm, embedding_norm), (EmbeddingDropout, embedding_dropout),
                           (Stack, layers), (Head, head));

  static constexpr SequenceModelShape sizes = S;

  /// What `step` keeps of sequences of up to S.length tokens.
  template <Size Batch>
  using Cache = typename Stack::template Cache<Batch, S.length>;

  template <Size Batch, Size T, OptionalKey... K>
  constexpr auto operator()(const Index<Batch, T>& ids, const K&... key) const {
    const auto x = dropped(embedding_dropout, embedding_norm(positions(tokens(ids))), key...);
    return logits<S.head>(tokens, head, layers(x, causal_mask(x), key...));
  }

  /// One token of every sequence, ids [batch], at its position [batch]: the logits [batch, vocabulary] of the
  /// next, and what the caches are to hold of this one.
  template <Size Batch>
  constexpr auto step(const Index<Batch>& ids, const Index<Batch>& position,
                      const Cache<Batch>& cache) const {
    const auto x = embedding_norm(positions.at(reshape<Batch, 1, S.width>(tokens(ids)), position));
    const auto stepped = layers.step(x, position, cache);
    const auto next = logits<S.head>(tokens, head, stepped.output);
    return std::tuple{reshape<Batch, S.vocabulary>(next), stepped.rows};
  }
};

}  // namespace ctgrad::nn
