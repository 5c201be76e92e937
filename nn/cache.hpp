#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/ops/registry.hpp>

#include <array>

/// Keys and values that attention made of earlier tokens, kept so that the next token costs one token's work.
namespace ctgrad::nn {

/// The keys and values of one attention: [batch, heads, length, head width] each.
template <Size Batch, Size Heads, Size Length, Size HeadWidth>
struct KeysAndValues {
  using Rows = Tensor<Batch, Heads, Length, HeadWidth>;
  BOOST_HANA_DEFINE_STRUCT(KeysAndValues, (Rows, keys), (Rows, values));
};

/// Those of every layer of a stack.
template <std::size_t Layers, Size Batch, Size Heads, Size Length, Size HeadWidth>
struct Cache {
  using Layer = KeysAndValues<Batch, Heads, Length, HeadWidth>;
  using Stack = std::array<Layer, Layers>;
  BOOST_HANA_DEFINE_STRUCT(Cache, (Stack, layers));
};

/// What a layer or a stack gives for one more token: its output, and what its caches are to hold of it.
template <class Output, class Rows>
struct Stepped {
  Output output;
  Rows rows;
};

/// Rows of `cache` with the row of a sequence at its position in place of what is there:
/// cache [batch, heads, length, width], row [batch, heads, 1, width], positions [batch].
template <Size Batch, Size Heads, Size Length, Size Width>
constexpr auto with_row(const Tensor<Batch, Heads, Length, Width>& cache,
                        const Tensor<Batch, Heads, 1, Width>& row, const Index<Batch>& positions) {
  const auto here = beside(positions, iota_along<2, 1, 1, Length, 1>()) == reshape<Batch, 1, 1, 1>(positions);
  return select(here, row, cache);
}

/// [batch, 1, 1, Length]: the tokens up to a sequence's position, which are those that a cache holds.
template <Size Length, Size Batch>
constexpr Mask<Batch, 1, 1, Length> seen_at(const Index<Batch>& positions) {
  return beside(positions, iota<Length>()) <= reshape<Batch, 1, 1, 1>(positions);
}

}  // namespace ctgrad::nn
