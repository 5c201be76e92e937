#pragma once

#include <ctgrad/kernels/padded_product.hpp>

#include <bit>

/// How an attention is cut into tiles of queries and blocks of keys. Scores lie as [keys, tile], a query in
/// each lane: so its maximum and its sum are one chain each, whatever the width of the vectors.
namespace ctgrad::kernels {

/// The extents of one attention of T queries over S keys, and how far rows lie apart.
struct AttentionShape {
  Size queries = 0;
  Size keys = 0;
  Size width = 0;               ///< of a query and a key
  Size value_width = 0;         ///< of a value and a result
  Size row = 0;                 ///< between rows of queries and of keys
  Size value_row = 0;           ///< between rows of values and of results
  bool causal = false;          ///< query t sees the keys up to t alone
  bool masked = false;          ///< there is a mask
  bool biased = false;          ///< there is a bias
  std::uint32_t threshold = 0;  ///< weights whose random word is smaller are dropped; 0: none are
};

/// Keys whose scores for a tile of queries stay in the first-level cache. The same for all widths of vectors,
/// and so are the results.
inline constexpr Size key_block = 256;

/// Beyond so many, what the blocks of keys give is summed up in double.
inline constexpr Size many_keys = 1024;

/// Queries that are worked on at once, in the lanes of one or two vectors.
struct QueryTile {
  Size vectors = 0;
  Size lanes = 0;

  constexpr Size columns() const { return vectors * lanes; }
};

/// The tile for so many queries: two vectors, or one where that is enough, a short one for a few.
template <class T>
constexpr QueryTile query_tile(Size queries) {
  constexpr Size lanes = lanes_of<T>;
  constexpr Size least = 16 / static_cast<Size>(sizeof(T));
  if (queries > lanes) return {2, lanes};
  return {1, std::max(least, static_cast<Size>(std::bit_ceil(static_cast<std::size_t>(queries))))};
}

/// Calls body(count, first query) for the tiles of all queries, `count` a constant.
template <Size Queries, class T, class Body>
void for_each_query_tile(const Body& body) {
  constexpr Size whole = tile_columns<T>;
  constexpr Size last = Queries % whole;
  for (Size t = 0; t + whole <= Queries; t += whole) body(std::integral_constant<Size, whole>{}, t);
  if constexpr (last > 0) body(std::integral_constant<Size, last>{}, Queries - last);
}

/// Calls body(count, first key) for the blocks of the first `end` keys, `count` a constant where all of S
/// keys are always seen.
template <AttentionShape S, class Body>
void for_each_key_block(Size end, const Body& body) {
  if constexpr (S.causal) {
    for (Size s = 0; s < end; s += key_block) body(std::min(key_block, end - s), s);
  } else {
    constexpr Size last = S.keys % key_block;
    for (Size s = 0; s + key_block <= S.keys; s += key_block)
      body(std::integral_constant<Size, key_block>{}, s);
    if constexpr (last > 0) body(std::integral_constant<Size, last>{}, S.keys - last);
  }
}

/// The keys of the largest block.
constexpr Size largest_block(const AttentionShape& s) { return std::clamp(s.keys, Size{1}, key_block); }

/// packed [width, Columns] = x [Rows, width], rows `row` apart, transposed and times `scale`; zeros behind
/// the rows.
template <Size Columns, Size Rows, class T>
CTGRAD_NOINLINE void pack_queries(T* __restrict packed, const T* __restrict x, Size width, Size row,
                                  T scale) {
  pack_transposed_panel<Columns, Rows>(packed, x, width, row);
  if (scale == 1) return;
  for (Size c = 0; c < width; ++c) {
    for (Size r = 0; r < Columns; ++r) packed[c * Columns + r] *= scale;
  }
}

}  // namespace ctgrad::kernels
