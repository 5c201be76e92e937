#pragma once

#include <ctgrad/nn/attention.hpp>
#include <ctgrad/nn/feed_forward.hpp>
#include <ctgrad/nn/layer_norm.hpp>

#include <array>

namespace ctgrad::nn {

struct EncoderOptions {
  Activation activation = Activation::relu;
  Epsilon epsilon = {};
  Rate dropout = Rate{0.1};       ///< behind attention and behind the feed-forward network
  Rate weight_dropout = Rate{0};  ///< of attention's weights
};

/// Attention and a feed-forward network, each added to its input and normalised (post-norm):
/// [batch, length, Width] -> the same shape. Both are dropped before they are added where a key follows the
/// other arguments, and only there.
template <Size Width, Size Heads, Size Hidden, EncoderOptions Options = EncoderOptions{}>
struct EncoderLayer {
  using Attention = MultiHeadAttention<Width, Heads, Options.weight_dropout>;
  using Network = FeedForward<Width, Hidden, Options.activation>;
  using Norm = LayerNorm<Width, Options.epsilon>;
  BOOST_HANA_DEFINE_STRUCT(EncoderLayer, (Attention, attention), (Norm, attention_norm), (Network, feed_forward),
                           (Norm, feed_forward_norm));

  /// A mask [broadcast to batch, Heads, length, length] may follow, true where a token may look; then a key.
  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    return apply(x, attention(x));
  }
  template <Size... D, Size... M>
  constexpr auto operator()(const Tensor<D...>& x, const Mask<M...>& mask) const {
    return apply(x, attention(x, mask));
  }
  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x, const Key& key) const {
    return apply(x, attention(x, fold_in(key, 0)), key);
  }
  template <Size... D, Size... M>
  constexpr auto operator()(const Tensor<D...>& x, const Mask<M...>& mask, const Key& key) const {
    return apply(x, attention(x, mask, fold_in(key, 0)), key);
  }

 private:
  static constexpr Dropout<Options.dropout> dropped{};

  template <class X>
  constexpr auto apply(const X& x, const X& by_attention) const {
    const auto attended = attention_norm(x + by_attention);
    return feed_forward_norm(attended + feed_forward(attended));
  }
  template <class X>
  constexpr auto apply(const X& x, const X& by_attention, const Key& key) const {
    const auto attended = attention_norm(x + dropped(by_attention, fold_in(key, 1)));
    return feed_forward_norm(attended + dropped(feed_forward(attended), fold_in(key, 2)));
  }
};

/// Encoder layers one behind the other: [batch, length, Width] -> the same shape.
template <std::size_t Layers, Size Width, Size Heads, Size Hidden, EncoderOptions Options = EncoderOptions{}>
struct Encoder {
  using Stack = std::array<EncoderLayer<Width, Heads, Hidden, Options>, Layers>;
  BOOST_HANA_DEFINE_STRUCT(Encoder, (Stack, layers));

  /// A mask [broadcast to batch, Heads, length, length] may follow, true where a token may look; then a key.
  template <Size... D>
  constexpr Tensor<D...> operator()(Tensor<D...> x) const {
    for (const auto& layer : layers) x = layer(x);
    return x;
  }
  template <Size... D, Size... M>
  constexpr Tensor<D...> operator()(Tensor<D...> x, const Mask<M...>& mask) const {
    for (const auto& layer : layers) x = layer(x, mask);
    return x;
  }
  template <Size... D>
  constexpr Tensor<D...> operator()(Tensor<D...> x, const Key& key) const {
    std::int32_t place = 0;
    for (const auto& layer : layers) x = layer(x, fold_in(key, place++));
    return x;
  }
  template <Size... D, Size... M>
  constexpr Tensor<D...> operator()(Tensor<D...> x, const Mask<M...>& mask, const Key& key) const {
    std::int32_t place = 0;
    for (const auto& layer : layers) x = layer(x, mask, fold_in(key, place++));
    return x;
  }
};

}  // namespace ctgrad::nn
