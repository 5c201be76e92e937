#pragma once

#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

namespace ctgrad::test {

/// An encoder of tokens and batches for it, for tests of how a batch is shared.
struct TokenEncoder {
  static constexpr Size batch = 12, length = 5;
  using Ids = Index<batch, length>;

  BOOST_HANA_DEFINE_STRUCT(TokenEncoder, (nn::Embedding<11, 8>, tokens), (nn::EncoderLayer<8, 2, 16>, layer),
                           (nn::Linear<8, 11>, head));
  constexpr auto operator()(auto ids) const { return head(layer(tokens(ids))); }
  constexpr auto operator()(auto ids, auto key) const { return head(dropout(layer(tokens(ids)), 0.3, key)); }

  /// Ids of a stream of random numbers.
  static xt::xtensor<std::int32_t, 2> ids(std::uint64_t stream) {
    xt::xtensor<std::int32_t, 2> x = xt::zeros<std::int32_t>({batch, length});
    Random random{Seed{seed()}, stream};
    for (auto& id : x) id = static_cast<std::int32_t>(random.below(11));
    return x;
  }
};

}  // namespace ctgrad::test
