#pragma once

#include <ctgrad/nn/transformer.hpp>

/// The attention weights of every layer of an nn::LanguageModel that normalises first: ids [batch, T] ->
/// layers times [batch, heads, T, T].
inline constexpr auto attention_of_language_model = []<class Model, ctgrad::Size Batch, ctgrad::Size T>(
                                                        const Model& model,
                                                        const ctgrad::Index<Batch, T>& ids) {
  static_assert(Model::sizes.options.norm == ctgrad::nn::NormPlacement::pre);
  auto x = model.positions(model.tokens(ids));
  const auto mask = ctgrad::nn::causal_mask(x);
  std::array<ctgrad::Tensor<Batch, Model::sizes.heads, T, T>, Model::sizes.layers> weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto& layer = model.layers.layers[i];
    const auto normalized = layer.attention_norm(x);
    weights[i] = layer.attention.weights(normalized, normalized, mask);
    x = layer(x, mask);
  }
  return weights;
};
