#pragma once

#include <ctgrad/io/name_map.hpp>

/// Where Keras models hold what our layers hold. Kernels are [inputs, outputs] as ours.
namespace ctgrad::io::keras {

/// keras.layers.Dense
inline NameMap dense() { return {{"weight", "kernel"}, {"bias", "bias"}}; }

/// keras.layers.LayerNormalization
inline NameMap layer_norm() { return {{"scale", "gamma"}, {"shift", "beta"}}; }

/// keras.layers.Embedding
inline NameMap embedding() { return {{"table", "embeddings"}}; }

/// keras.layers.MultiHeadAttention, by the paths of its variables: the heads have an axis of their own.
inline NameMap attention() {
  NameMap map;
  for (const auto& [ours, theirs] :
       {std::pair{"query", "query"}, {"key", "key"}, {"value", "value"}, {"output", "attention_output"}}) {
    map += NameMap{{"weight", "kernel", layout::split}, {"bias", "bias", layout::split}}.under(
        std::string(ours) + ".", std::string(theirs) + "/");
  }
  return map;
}

/// Attention built of Dense layers, by the paths of its attributes.
inline NameMap dense_attention() {
  return dense().under("query.", "query_dense.") + dense().under("key.", "key_dense.") +
         dense().under("value.", "value_dense.") + dense().under("output.", "combine_heads.");
}

/// A Sequential of two Dense layers.
inline NameMap feed_forward() { return dense().under("expand.", "0.") + dense().under("contract.", "1."); }

/// An encoder's block that holds such an attention, a Sequential and two norms (att, ffn, layernorm1,
/// layernorm2), as nn::EncoderLayer.
inline NameMap transformer_block() {
  return dense_attention().under("attention.", "att.") +
         layer_norm().under("attention_norm.", "layernorm1.") +
         feed_forward().under("feed_forward.", "ffn.") +
         layer_norm().under("feed_forward_norm.", "layernorm2.");
}

/// A decoder's block, which has cross beside att and one norm more, as nn::DecoderLayer.
inline NameMap decoder_block() {
  return dense_attention().under("self_attention.", "att.") +
         layer_norm().under("self_attention_norm.", "layernorm1.") +
         dense_attention().under("cross_attention.", "cross.") +
         layer_norm().under("cross_attention_norm.", "layernorm2.") +
         feed_forward().under("feed_forward.", "ffn.") +
         layer_norm().under("feed_forward_norm.", "layernorm3.");
}

/// A whole model: tables of tokens and positions, an encoder's blocks, and a Dense layer as the head.
inline NameMap transformer_model() {
  return NameMap{{"tokens.table", "embedding"}, {"positions.table", "pos_embedding"}} +
         transformer_block().under("encoder.layers.*.", "transformer_blocks.*.") +
         dense().under("head.", "dense.");
}

}  // namespace ctgrad::io::keras
