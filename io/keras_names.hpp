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

/// A block of the encoder that Keras' own example of text classification builds of Dense layers
/// (query_dense, key_dense, value_dense, combine_heads; ffn; layernorm1, layernorm2), by the paths of its
/// attributes.
inline NameMap transformer_block() {
  return dense().under("attention.query.", "att.query_dense.") +
         dense().under("attention.key.", "att.key_dense.") +
         dense().under("attention.value.", "att.value_dense.") +
         dense().under("attention.output.", "att.combine_heads.") +
         layer_norm().under("attention_norm.", "layernorm1.") +
         dense().under("feed_forward.expand.", "ffn.0.") + dense().under("feed_forward.contract.", "ffn.1.") +
         layer_norm().under("feed_forward_norm.", "layernorm2.");
}

/// The whole model: tables of tokens and positions, blocks, and a Dense layer as the head.
inline NameMap transformer_model() {
  return NameMap{{"tokens.table", "embedding"}, {"positions.table", "pos_embedding"}} +
         transformer_block().under("encoder.layers.*.", "transformer_blocks.*.") +
         dense().under("head.", "dense.");
}

}  // namespace ctgrad::io::keras
