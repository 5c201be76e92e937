#pragma once

#include <ctgrad/nn/transformer.hpp>

/// The attention weights of every layer of an nn::Transformer that normalises first, for sources [batch, S]
/// with their lengths and targets [batch, T]: those of the encoder, layers times [batch, heads, S, S], of the
/// decoder over what it has written, [batch, heads, T, T], and over what the encoder made, [batch, heads, T,
/// S].
inline constexpr auto attention_of_transformer =
    []<class Model, ctgrad::Size Batch, ctgrad::Size S, ctgrad::Size T>(
        const Model& model, const ctgrad::Index<Batch, S>& source, const ctgrad::Index<Batch>& lengths,
        const ctgrad::Index<Batch, T>& target) {
      using namespace ctgrad;
      constexpr nn::TransformerShape shape = Model::sizes;
      static_assert(shape.options.norm == nn::NormPlacement::pre);
      std::array<Tensor<Batch, shape.heads, S, S>, shape.encoder_layers> reading;
      std::array<Tensor<Batch, shape.heads, T, T>, shape.decoder_layers> writing;
      std::array<Tensor<Batch, shape.heads, T, S>, shape.decoder_layers> across;

      const auto padding = nn::padding_mask<S>(lengths);
      auto x = model.source_positions(model.source_tokens(source));
      for (std::size_t i = 0; i < reading.size(); ++i) {
        const auto& layer = model.encoder.layers[i];
        const auto normalized = layer.attention_norm(x);
        reading[i] = layer.attention.weights(normalized, normalized, padding);
        x = layer(x, padding);
      }
      const auto memory = model.encoder.norm(x);

      auto y = model.target_positions(model.target_tokens(target));
      const auto causal = nn::causal_mask(y);
      for (std::size_t i = 0; i < writing.size(); ++i) {
        const auto& layer = model.decoder.layers[i];
        const auto normalized = layer.self_attention_norm(y);
        writing[i] = layer.self_attention.weights(normalized, normalized, causal);
        const auto between = y + layer.self_attention(normalized, causal);
        across[i] = layer.cross_attention.weights(layer.cross_attention_norm(between), memory, padding);
        y = layer(y, memory, padding);
      }
      return std::tuple{reading, writing, across};
    };
