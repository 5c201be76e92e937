#pragma once

#include <ctgrad/ctgrad.hpp>

/// The encoder that 03_train_encoder trains on sequences: as many tokens out as in.
namespace toy_encoder {

inline constexpr ctgrad::Size vocabulary = 16, length = 12, batch = 32, width = 32;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (ctgrad::nn::Embedding<vocabulary, width>,      tokens),
    (ctgrad::nn::PositionEmbedding<length, width>,  positions),
    (ctgrad::nn::Encoder<2, width, 2, 64>,          encoder),  // layers, width, heads, hidden
    (ctgrad::nn::Linear<width, vocabulary>,         head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

inline constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
inline constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return ctgrad::cross_entropy(model(ids), targets);
};

using Ids = ctgrad::Index<batch, length>;

/// Its losses do not depend on how many threads or processes share the shards.
using Step = ctgrad::ShardedProgram<8, ctgrad::value_and_grad(loss), Model, Ids, Ids>;

}  // namespace toy_encoder
