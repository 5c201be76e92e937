#pragma once

#include <ctgrad/io/name_map.hpp>

/// Where PyTorch's state dicts hold what our layers hold.
namespace ctgrad::io::pytorch {

/// torch.nn.Linear: the weight is [outputs, inputs].
inline NameMap linear() { return {{"weight", "weight", layout::transposed}, {"bias", "bias"}}; }

/// torch.nn.LayerNorm
inline NameMap layer_norm() { return {{"scale", "weight"}, {"shift", "bias"}}; }

/// torch.nn.Embedding
inline NameMap embedding() { return {{"table", "weight"}}; }

/// torch.nn.MultiheadAttention: query, key and value lie one below the other.
inline NameMap attention() {
  NameMap map = linear().under("output.", "out_proj.");
  std::size_t part = 0;
  for (const std::string projection : {"query", "key", "value"}) {
    map += NameMap{{projection + ".weight", "in_proj_weight", {.transposed = true, .part = part, .parts = 3}},
                   {projection + ".bias", "in_proj_bias", {.part = part, .parts = 3}}};
    ++part;
  }
  return map;
}

/// torch.nn.TransformerEncoderLayer as nn::EncoderLayer.
inline NameMap encoder_layer() {
  return attention().under("attention.", "self_attn.") + layer_norm().under("attention_norm.", "norm1.") +
         linear().under("feed_forward.expand.", "linear1.") +
         linear().under("feed_forward.contract.", "linear2.") +
         layer_norm().under("feed_forward_norm.", "norm2.");
}

/// torch.nn.TransformerEncoder as nn::Encoder, with a norm at its end or without.
inline NameMap encoder() {
  return encoder_layer().under("layers.*.", "layers.*.") + layer_norm().under("norm.", "norm.");
}

/// torch.nn.TransformerDecoderLayer as nn::DecoderLayer.
inline NameMap decoder_layer() {
  return attention().under("self_attention.", "self_attn.") +
         layer_norm().under("self_attention_norm.", "norm1.") +
         attention().under("cross_attention.", "multihead_attn.") +
         layer_norm().under("cross_attention_norm.", "norm2.") +
         linear().under("feed_forward.expand.", "linear1.") +
         linear().under("feed_forward.contract.", "linear2.") +
         layer_norm().under("feed_forward_norm.", "norm3.");
}

/// torch.nn.TransformerDecoder as nn::Decoder, with a norm at its end or without.
inline NameMap decoder() {
  return decoder_layer().under("layers.*.", "layers.*.") + layer_norm().under("norm.", "norm.");
}

}  // namespace ctgrad::io::pytorch
