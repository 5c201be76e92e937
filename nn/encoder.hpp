#pragma once

#include <ctgrad/nn/attention.hpp>
#include <ctgrad/nn/feed_forward.hpp>
#include <ctgrad/nn/layer_norm.hpp>

#include <array>

namespace ctgrad::nn {

struct EncoderOptions {
  Activation activation = Activation::relu;
  Epsilon epsilon = {};
};

/// Attention and a feed-forward network, each added to its input and normalised (post-norm):
/// [batch, length, Width] -> the same shape.
template <Size Width, Size Heads, Size Hidden, EncoderOptions Options = EncoderOptions{}>
struct EncoderLayer {
  using Attention = MultiHeadAttention<Width, Heads>;
  using Network = FeedForward<Width, Hidden, Options.activation>;
  using Norm = LayerNorm<Width, Options.epsilon>;
  BOOST_HANA_DEFINE_STRUCT(EncoderLayer, (Attention, attention), (Norm, attention_norm), (Network, feed_forward),
                           (Norm, feed_forward_norm));

  /// A mask [broadcast to batch, Heads, length, length] may follow: true where a token may look.
  template <Size... D, class... M>
  constexpr auto operator()(const Tensor<D...>& x, const M&... mask) const {
    const auto attended = attention_norm(x + attention(x, mask...));
    return feed_forward_norm(attended + feed_forward(attended));
  }
};

/// Encoder layers one behind the other: [batch, length, Width] -> the same shape.
template <std::size_t Layers, Size Width, Size Heads, Size Hidden, EncoderOptions Options = EncoderOptions{}>
struct Encoder {
  using Stack = std::array<EncoderLayer<Width, Heads, Hidden, Options>, Layers>;
  BOOST_HANA_DEFINE_STRUCT(Encoder, (Stack, layers));

  /// A mask [broadcast to batch, Heads, length, length] may follow: true where a token may look.
  template <Size... D, class... M>
  constexpr Tensor<D...> operator()(Tensor<D...> x, const M&... mask) const {
    for (const auto& layer : layers) x = layer(x, mask...);
    return x;
  }
};

}  // namespace ctgrad::nn
