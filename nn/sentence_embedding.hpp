#pragma once

#include <ctgrad/nn/masks.hpp>

/// Vectors that stand for sentences (Reimers and Gurevych, "Sentence-BERT: sentence embeddings using Siamese
/// BERT-networks", 2019).
namespace ctgrad::nn {

/// The mean of the tokens that count, x [batch, T, width] -> [batch, width]: those where the mask is true; 0
/// for a sequence of none. What others hold, NaN too, changes nothing.
template <Size Batch, Size T, Size Width>
constexpr Tensor<Batch, Width> mean_of_tokens(const Tensor<Batch, T, Width>& x,
                                              const Mask<Batch, 1, 1, T>& mask) {
  const auto counts = reshape<Batch, T, 1>(mask);
  const auto count = sum<1>(select(counts, ones<Batch, T, 1>(), 0));
  return sum<1>(select(counts, x, 0)) / maximum(count, 1);
}
/// The first lengths[b] tokens of sequence b count, as in padding_mask.
template <Size Batch, Size T, Size Width>
constexpr Tensor<Batch, Width> mean_of_tokens(const Tensor<Batch, T, Width>& x, const Index<Batch>& lengths) {
  return mean_of_tokens(x, padding_mask<T>(lengths));
}

/// x [..., width] over its length, so that a product of two vectors is the cosine of their angle. A vector
/// shorter than 1e-12 is divided by 1e-12, so that 0 stays 0.
template <Size... D>
constexpr Tensor<D...> unit_length(const Tensor<D...>& x) {
  return x / maximum(norm<-1>(x, keep), 1e-12);
}

/// unit_length(mean_of_tokens(x, tokens)): x [batch, T, width] -> [batch, width]. `tokens` is the lengths
/// [batch] or a mask [batch, 1, 1, T], the same as the encoder that made x was given.
template <Size Batch, Size T, Size Width, Kind K, Size... M>
constexpr Tensor<Batch, Width> sentence_embedding(const Tensor<Batch, T, Width>& x,
                                                  const Array<K, M...>& tokens) {
  return unit_length(mean_of_tokens(x, tokens));
}

}  // namespace ctgrad::nn
