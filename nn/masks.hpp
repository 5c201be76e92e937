#pragma once

#include <ctgrad/ops/registry.hpp>

/// Which tokens may look at which, and which count.
namespace ctgrad::nn {

/// [T, T], true where a token (row) may look at another (column): at itself and those before it. T is the
/// length of x, [..., T, width]. Attention knows this mask and skips what it hides.
template <Size... D>
constexpr auto causal_mask(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 2, "causal_mask: the input is [..., length, width]");
  constexpr Size length = Tensor<D...>::shape[sizeof...(D) - 2];
  return beside(x, iota_along<1, length, length>()) <= beside(x, iota_along<0, length, length>());
}

/// [batch, 1, 1, Length], true at the first lengths[b] tokens of sequence b: what attention may look at in
/// sequences that are padded behind their ends. A length of 0 hides all, one above Length nothing.
template <Size Length, Size Batch>
constexpr Mask<Batch, 1, 1, Length> padding_mask(const Index<Batch>& lengths) {
  return beside(lengths, iota<Length>()) < reshape<Batch, 1, 1, 1>(lengths);
}

/// [batch, Length], 1 at the first lengths[b] tokens of sequence b and 0 behind: weights of a cross-entropy
/// that skips padding. The targets behind the lengths count nothing, but are ids in range as all others are.
template <Size Length, Size Batch>
constexpr Tensor<Batch, Length> token_weights(const Index<Batch>& lengths) {
  return select(beside(lengths, iota<Length>()) < reshape<Batch, 1>(lengths), ones<Batch, Length>(), 0);
}

}  // namespace ctgrad::nn
