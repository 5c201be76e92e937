#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/nn/masks.hpp>
#include <ctgrad/nn/sentence_embedding.hpp>

/// Sequences of tokens that are padded to a common length, and what of them counts.
namespace ctgrad {

/// An array with a vector or a number for every token, [rows, length, ...]: what TokenBatch::each_token makes
/// of one. Whoever pads sequences knows by it which results have an axis of tokens.
template <class T>
struct PerToken : T {
  constexpr PerToken() = default;
  constexpr explicit PerToken(const T& array) : T(array) {}
};

namespace nn {

/// Sequences as a BucketedProgram gives them to its function, `Rows` of them of `Length` tokens each:
///
///     ids        7 4 9 0        row 1 is padded behind its 3 tokens,
///                7 4 9 0        row 2 is there because the bucket has two rows: it repeats row 1
///     lengths    3 3
///     present    true false
///
/// All rows are whole sequences, so that a model computes finite numbers for each; `present` and the weights
/// say which of them count. Padding holds the id 0, which `mask` hides from attention.
template <Size Rows, Size Length>
struct TokenBatch {
  using Ids = Index<Rows, Length>;
  using Lengths = Index<Rows>;
  using Present = Mask<Rows>;
  BOOST_HANA_DEFINE_STRUCT(TokenBatch, (Ids, ids), (Lengths, lengths), (Present, present));

  static constexpr Size rows = Rows;
  static constexpr Size length = Length;

  /// [Rows, 1, 1, Length], true at the tokens of every sequence: what attention may look at.
  constexpr auto mask() const { return padding_mask<Length>(lengths); }

  /// [Rows], 1 for every sequence that is there and 0 for others: weights of a loss with a number for every
  /// sequence.
  constexpr auto sequence_weights() const { return select(present, ones<Rows>(), 0); }

  /// [Rows, Length], 1 for every token of the sequences that are there and 0 for others: weights of a loss
  /// with a number for every token.
  constexpr auto token_weights() const {
    return select(reshape<Rows, 1>(present), nn::token_weights<Length>(lengths), 0);
  }

  /// The mean of losses [Rows] over the sequences that are there, or of losses [Rows, Length] over their
  /// tokens.
  constexpr WeightedMean mean(const Tensor<Rows>& losses) const {
    return weighted_mean(losses, sequence_weights());
  }
  constexpr WeightedMean mean(const Tensor<Rows, Length>& losses) const {
    return weighted_mean(losses, token_weights());
  }

  /// [Rows, Length, Width] -> [Rows, Width]: the mean over the tokens of every sequence, and that vector over
  /// its length, so that a product of two is the cosine of their angle.
  template <Size Width>
  constexpr Tensor<Rows, Width> mean_of_tokens(const Tensor<Rows, Length, Width>& x) const {
    return nn::mean_of_tokens(x, lengths);
  }
  template <Size Width>
  constexpr Tensor<Rows, Width> sentence_embedding(const Tensor<Rows, Length, Width>& x) const {
    return nn::sentence_embedding(x, lengths);
  }

  /// x [Rows, Length, ...] as a result with a second axis of tokens, 0 behind the ends of sequences.
  template <Size... D>
  constexpr auto each_token(const Tensor<Rows, Length, D...>& x) const {
    return PerToken<Tensor<Rows, Length, D...>>(select(reshape<Rows, Length, one<D>...>(mask()), x, 0));
  }

 private:
  template <Size>
  static constexpr Size one = 1;
};

}  // namespace nn
}  // namespace ctgrad
