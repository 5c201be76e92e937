#pragma once

#include <ctgrad/ctgrad.hpp>

/// What the benchmarks run: one encoder, tokens in, logits over the vocabulary out, mean cross-entropy.
namespace bench {

namespace cg = ctgrad;

struct Shape {
  std::size_t layers;
  cg::Size width, heads, hidden, vocabulary, length, batch;
};

// The configurations that are measured.
inline constexpr Shape toy{2, 32, 2, 64, 16, 16, 32};
inline constexpr Shape toy_1{2, 32, 2, 64, 16, 16, 1};
inline constexpr Shape seed{2, 32, 2, 32, 10000, 100, 1};
inline constexpr Shape seed_32{2, 32, 2, 32, 10000, 100, 32};
inline constexpr Shape small{4, 128, 4, 512, 256, 128, 16};
inline constexpr Shape base{6, 512, 8, 2048, 8192, 128, 8};

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

inline constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cg::cross_entropy(model(ids), targets);
};

/// Forward and backward.
inline constexpr auto step = cg::value_and_grad(loss);

}  // namespace bench
