#pragma once

#include "shape.hpp"

#include <ctgrad/ctgrad.hpp>

/// What the benchmarks run: one encoder, tokens in, logits over the vocabulary out, mean cross-entropy.
namespace bench {

namespace cg = ctgrad;

template <Shape S>
struct Model {
  using Tokens = cg::nn::Embedding<S.vocabulary, S.width>;
  using Positions = cg::nn::PositionEmbedding<S.length, S.width>;
  using Encoder = cg::nn::Encoder<S.layers, S.width, S.heads, S.hidden>;
  using Head = cg::nn::Linear<S.width, S.vocabulary>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Tokens, tokens), (Positions, positions), (Encoder, encoder), (Head, head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

template <Shape S>
using Ids = cg::Index<S.batch, S.length>;

/// The logits, [batch, length, vocabulary].
inline constexpr auto forward = [](const auto& model, auto ids) { return model(ids); };

inline constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cg::cross_entropy(model(ids), targets);
};

/// Forward and backward.
inline constexpr auto step = cg::value_and_grad(loss);

}  // namespace bench
