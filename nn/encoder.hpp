#pragma once

#include <ctgrad/nn/attention.hpp>
#include <ctgrad/nn/options.hpp>

#include <array>

namespace ctgrad::nn {

/// Attention and a feed-forward network, each added to its input and normalised:
/// [batch, length, Width] -> the same shape. Both are dropped before they are added where a key follows the
/// other arguments, and only there.
template <Size Width, Size Heads, Size Hidden, TransformerOptions Options = TransformerOptions{}>
struct EncoderLayer {
  using Attention = MultiHeadAttention<Width, Heads, Options.weight_dropout>;
  using Network = FeedForward<Width, Hidden, Options.activation>;
  using Norm = LayerNorm<Width, Options.epsilon>;
  BOOST_HANA_DEFINE_STRUCT(EncoderLayer, (Attention, attention), (Norm, attention_norm), (Network, feed_forward),
                           (Norm, feed_forward_norm));
  LayerNumber layer_number;

  /// A mask [broadcast to batch, Heads, length, length] may follow, true where a token may look; then a key.
  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    return apply(x, [&](const auto& y) { return attention(y); });
  }
  template <Size... D, Size... M>
  constexpr auto operator()(const Tensor<D...>& x, const Mask<M...>& mask) const {
    return apply(x, [&](const auto& y) { return attention(y, mask); });
  }
  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x, const Key& key) const {
    const Key own = own_key(layer_number, key);
    return apply(
        x, [&](const auto& y) { return attention(y, fold_in(own, 0)); }, own);
  }
  template <Size... D, Size... M>
  constexpr auto operator()(const Tensor<D...>& x, const Mask<M...>& mask, const Key& key) const {
    const Key own = own_key(layer_number, key);
    return apply(
        x, [&](const auto& y) { return attention(y, mask, fold_in(own, 0)); }, own);
  }

  /// One more token, x [batch, 1, Width], where every token looks at itself and those before it: see
  /// MultiHeadAttention::step.
  template <Size Batch, class Rows>
  constexpr auto step(const Tensor<Batch, 1, Width>& x, const Index<Batch>& positions,
                      const Rows& cache) const {
    KeysAndValues<Batch, Heads, 1, Attention::head_width> row;
    const auto output = apply(x, [&](const auto& y) {
      const auto stepped = attention.step(y, positions, cache);
      row = stepped.rows;
      return stepped.output;
    });
    return Stepped<Tensor<Batch, 1, Width>, decltype(row)>{output, row};
  }

 private:
  static constexpr Dropout<Options.dropout> dropped{};

  /// `attend` is attention with its mask; a key may follow.
  template <class X, class Attend, OptionalKey... K>
  constexpr auto apply(const X& x, const Attend& attend, const K&... key) const {
    static_assert(
        input_width<last_extent<X>, Width>::fits,
        "EncoderLayer: the input's last axis (first number) is not as wide as the layer (second number)");
    const X attended = residual<Options.norm>(
        x, attention_norm, [&](const X& y) { return dropped(attend(y), fold_in(key, 1)...); });
    return residual<Options.norm>(attended, feed_forward_norm,
                                  [&](const X& y) { return dropped(feed_forward(y), fold_in(key, 2)...); });
  }
};

/// Encoder layers one behind the other: [batch, length, Width] -> the same shape.
template <std::size_t Layers, Size Width, Size Heads, Size Hidden,
          TransformerOptions Options = TransformerOptions{}>
struct Encoder {
  using Layer = EncoderLayer<Width, Heads, Hidden, Options>;
  using Stack = std::array<Layer, Layers>;
  using Norm = FinalNorm<Width, Options>;
  BOOST_HANA_DEFINE_STRUCT(Encoder, (Stack, layers), (Norm, norm));
  LayerNumber layer_number;

  /// What `step` keeps of sequences of up to Length tokens.
  template <Size Batch, Size Length>
  using Cache = nn::Cache<Layers, Batch, Heads, Length, Layer::Attention::head_width>;

  /// A mask [broadcast to batch, Heads, length, length] may follow, true where a token may look; then a key.
  template <Size... D>
  constexpr auto operator()(Tensor<D...> x) const {
    for (const auto& layer : layers) x = layer(x);
    return norm(x);
  }
  template <Size... D, Size... M>
  constexpr auto operator()(Tensor<D...> x, const Mask<M...>& mask) const {
    for (const auto& layer : layers) x = layer(x, mask);
    return norm(x);
  }
  template <Size... D>
  constexpr auto operator()(Tensor<D...> x, const Key& key) const {
    std::int32_t number = 0;
    const Key own = own_key(layer_number, key);
    for (const auto& layer : layers) x = layer(x, fold_in(own, number++));
    return norm(x);
  }
  template <Size... D, Size... M>
  constexpr auto operator()(Tensor<D...> x, const Mask<M...>& mask, const Key& key) const {
    std::int32_t number = 0;
    const Key own = own_key(layer_number, key);
    for (const auto& layer : layers) x = layer(x, mask, fold_in(own, number++));
    return norm(x);
  }

  /// One more token, x [batch, 1, Width], at every sequence's position, of a stack whose mask is causal.
  template <Size Batch, Size Length>
  constexpr auto step(Tensor<Batch, 1, Width> x, const Index<Batch>& positions,
                      const Cache<Batch, Length>& cache) const {
    Cache<Batch, 1> rows;
    for (std::size_t i = 0; i < Layers; ++i) {
      const auto stepped = layers[i].step(x, positions, cache.layers[i]);
      x = stepped.output;
      rows.layers[i] = stepped.rows;
    }
    return Stepped<Tensor<Batch, 1, Width>, Cache<Batch, 1>>{norm(x), rows};
  }
};

}  // namespace ctgrad::nn
