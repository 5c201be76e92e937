#pragma once

#include <ctgrad/nn/attention.hpp>
#include <ctgrad/nn/masks.hpp>
#include <ctgrad/nn/options.hpp>

#include <array>

namespace ctgrad::nn {

/// Self-attention, in which no token sees a later one, attention over an encoder's output, and a feed-forward
/// network, each added to its input and normalised: x [batch, T, Width], memory [batch, S, Width] -> the
/// shape of x. All three are dropped before they are added where a key follows the other arguments, and only
/// there.
///
/// The mask of memory is [broadcast to batch, Heads, T, S], that of the targets [broadcast to batch, Heads,
/// T, T]; both are true where a token may look. Targets that are padded behind their ends need none: no token
/// sees what is behind it.
template <Size Width, Size Heads, Size Hidden, TransformerOptions Options = TransformerOptions{}>
struct DecoderLayer {
  using Attention = MultiHeadAttention<Width, Heads, Options.weight_dropout>;
  using Network = FeedForward<Width, Hidden, Options.activation>;
  using Norm = LayerNorm<Width, Options.epsilon>;
  BOOST_HANA_DEFINE_STRUCT(DecoderLayer, (Attention, self_attention), (Norm, self_attention_norm),
                           (Attention, cross_attention), (Norm, cross_attention_norm), (Network, feed_forward),
                           (Norm, feed_forward_norm));
  LayerNumber layer_number;

  /// The mask of memory may follow, then that of the targets; then a key.
  template <Size... D, Size... E, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const K&... key) const {
    return apply(x, looks_back(causal_mask(x), key...), looks_at(memory, key...), key...);
  }
  template <Size... D, Size... E, Size... M, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const Mask<M...>& memory_mask,
                            const K&... key) const {
    return apply(x, looks_back(causal_mask(x), key...), looks_at(memory, memory_mask, key...), key...);
  }
  template <Size... D, Size... E, Size... M, Size... N, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const Mask<M...>& memory_mask,
                            const Mask<N...>& target_mask, const K&... key) const {
    return apply(x, looks_back(target_mask & causal_mask(x), key...), looks_at(memory, memory_mask, key...),
                 key...);
  }

  /// One more token, x [batch, 1, Width], at every sequence's position: see MultiHeadAttention::step.
  /// `memory` is what cross_attention.keys_and_values made of it; its mask may follow.
  template <Size Batch, class Rows, class Memory, class... M>
  constexpr auto step(const Tensor<Batch, 1, Width>& x, const Index<Batch>& positions, const Rows& cache,
                      const Memory& memory, const M&... memory_mask) const {
    KeysAndValues<Batch, Heads, 1, Attention::head_width> row;
    const auto look_back = [&](const auto& y) {
      const auto stepped = self_attention.step(y, positions, cache);
      row = stepped.rows;
      return stepped.output;
    };
    const auto look_at = [&](const auto& y) { return cross_attention.over(y, memory, memory_mask...); };
    const auto output = apply(x, look_back, look_at);
    return Stepped<Tensor<Batch, 1, Width>, decltype(row)>{output, row};
  }

 private:
  static constexpr Dropout<Options.dropout> dropped{};

  constexpr Key place(const Key& key, std::int32_t number) const {
    return fold_in(own_key(layer_number, key), number);
  }

  template <class M, OptionalKey... K>
  constexpr auto looks_back(const M& mask, const K&... key) const {
    return [this, mask, key...](const auto& y) { return self_attention(y, mask, place(key, 0)...); };
  }
  template <class Memory, OptionalKey... K>
  constexpr auto looks_at(const Memory& memory, const K&... key) const {
    static_assert(
        input_width<last_extent<Memory>, Width>::fits,
        "DecoderLayer: memory's last axis (first number) is not as wide as the layer (second number)");
    return [this, memory, key...](const auto& y) { return cross_attention(y, memory, place(key, 3)...); };
  }
  template <class Memory, Size... M, OptionalKey... K>
  constexpr auto looks_at(const Memory& memory, const Mask<M...>& mask, const K&... key) const {
    static_assert(
        input_width<last_extent<Memory>, Width>::fits,
        "DecoderLayer: memory's last axis (first number) is not as wide as the layer (second number)");
    return [this, memory, mask, key...](const auto& y) {
      return cross_attention(y, memory, mask, place(key, 3)...);
    };
  }

  /// The two attentions with their masks; a key may follow.
  template <class X, class LookBack, class LookAt, OptionalKey... K>
  constexpr auto apply(const X& x, const LookBack& look_back, const LookAt& look_at, const K&... key) const {
    static_assert(
        input_width<last_extent<X>, Width>::fits,
        "DecoderLayer: the input's last axis (first number) is not as wide as the layer (second number)");
    const X itself = residual<Options.norm>(
        x, self_attention_norm, [&](const X& y) { return dropped(look_back(y), place(key, 1)...); });
    const X both = residual<Options.norm>(itself, cross_attention_norm,
                                          [&](const X& y) { return dropped(look_at(y), place(key, 4)...); });
    return residual<Options.norm>(both, feed_forward_norm,
                                  [&](const X& y) { return dropped(feed_forward(y), place(key, 2)...); });
  }
};

/// Decoder layers one behind the other, all over the same memory: x [batch, T, Width], memory [batch, S,
/// Width] -> the shape of x.
template <std::size_t Layers, Size Width, Size Heads, Size Hidden,
          TransformerOptions Options = TransformerOptions{}>
struct Decoder {
  using Layer = DecoderLayer<Width, Heads, Hidden, Options>;
  using Stack = std::array<Layer, Layers>;
  using Norm = FinalNorm<Width, Options>;
  BOOST_HANA_DEFINE_STRUCT(Decoder, (Stack, layers), (Norm, norm));
  LayerNumber layer_number;

  /// What `step` keeps of sequences of up to Length tokens, and of a memory of that length.
  template <Size Batch, Size Length>
  using Cache = nn::Cache<Layers, Batch, Heads, Length, Layer::Attention::head_width>;

  /// The mask of memory may follow, then that of the targets; then a key: see DecoderLayer.
  template <Size... D, Size... E, class... Masks>
    requires(!(OptionalKey<Masks> || ...))
  constexpr auto operator()(Tensor<D...> x, const Tensor<E...>& memory, const Masks&... masks) const {
    for (const auto& layer : layers) x = layer(x, memory, masks...);
    return norm(x);
  }
  template <Size... D, Size... E>
  constexpr auto operator()(Tensor<D...> x, const Tensor<E...>& memory, const Key& key) const {
    return keyed(x, key,
                 [&](const auto& layer, const auto& y, const Key& own) { return layer(y, memory, own); });
  }
  template <Size... D, Size... E, Size... M>
  constexpr auto operator()(Tensor<D...> x, const Tensor<E...>& memory, const Mask<M...>& memory_mask,
                            const Key& key) const {
    return keyed(x, key, [&](const auto& layer, const auto& y, const Key& own) {
      return layer(y, memory, memory_mask, own);
    });
  }
  template <Size... D, Size... E, Size... M, Size... N>
  constexpr auto operator()(Tensor<D...> x, const Tensor<E...>& memory, const Mask<M...>& memory_mask,
                            const Mask<N...>& target_mask, const Key& key) const {
    return keyed(x, key, [&](const auto& layer, const auto& y, const Key& own) {
      return layer(y, memory, memory_mask, target_mask, own);
    });
  }

  /// What every layer needs of memory [batch, S, Width]: made once, it serves every step.
  template <Size Batch, Size S>
  constexpr Cache<Batch, S> remember(const Tensor<Batch, S, Width>& memory) const {
    Cache<Batch, S> kept;
    for (std::size_t i = 0; i < Layers; ++i)
      kept.layers[i] = layers[i].cross_attention.keys_and_values(memory);
    return kept;
  }

  /// One more token, x [batch, 1, Width], at every sequence's position; the mask of memory may follow.
  template <Size Batch, Size Length, Size S, class... M>
  constexpr auto step(Tensor<Batch, 1, Width> x, const Index<Batch>& positions,
                      const Cache<Batch, Length>& cache, const Cache<Batch, S>& memory,
                      const M&... memory_mask) const {
    Cache<Batch, 1> rows;
    for (std::size_t i = 0; i < Layers; ++i) {
      const auto stepped = layers[i].step(x, positions, cache.layers[i], memory.layers[i], memory_mask...);
      x = stepped.output;
      rows.layers[i] = stepped.rows;
    }
    return Stepped<Tensor<Batch, 1, Width>, Cache<Batch, 1>>{norm(x), rows};
  }

 private:
  template <class X, class Apply>
  constexpr auto keyed(X x, const Key& key, const Apply& apply) const {
    std::int32_t number = 0;
    const Key own = own_key(layer_number, key);
    for (const auto& layer : layers) x = apply(layer, x, fold_in(own, number++));
    return norm(x);
  }
};

}  // namespace ctgrad::nn
