#pragma once

#include <ctgrad/kernels/attention_tiles.hpp>

#include <limits>

/// What is added to the scores of an attention, and which are left out.
namespace ctgrad::kernels {

/// What is added to scores and where they are left out.
template <class T>
struct AttentionMask {
  const bool* mask = nullptr;
  Size mask_row = 0;
  Size mask_column = 0;
  bool excluded = false;  ///< the mask's value where a key is left out
  T fill = 0;             ///< the score there
  const T* bias = nullptr;
  Size bias_row = 0;
  Size bias_column = 0;
};

/// The keys whose mask or bias is brought into the order of scores at once.
inline constexpr Size mask_keys = 64;

/// scores [Columns] = the number where `chosen` [Columns] is not 0.
template <QueryTile Tile, class T>
CTGRAD_INLINE void fill_chosen(T* scores, const T* chosen, T number) {
  CTGRAD_UNROLL
  for (Size j = 0; j < Tile.vectors; ++j) {
    auto numbers = Lanes<T, Tile.lanes>::load(scores + j * Tile.lanes);
    numbers.fill_where(Lanes<T, Tile.lanes>::load(chosen + j * Tile.lanes), number);
    numbers.store(scores + j * Tile.lanes);
  }
}

/// packed [keys, Columns] = x [Rows, keys], of which elements lie `row` and `column` apart, transposed; 0
/// behind the rows.
template <Size Columns, Size Rows, class T>
void pack_mask(T* __restrict packed, const T* __restrict x, Size row, Size column, Size keys) {
  if (column == 1) {
    pack_transposed_panel<Columns, Rows>(packed, x, keys, row);
    return;
  }
  std::fill_n(packed, keys * Columns, T{0});
  for (Size s = 0; s < keys; ++s) {
    for (Size r = 0; r < Rows; ++r) packed[s * Columns + r] = x[r * row + s * column];
  }
}

/// scores [keys, Columns] += the bias, whose elements for the first query and key are the first ones.
template <QueryTile Tile, Size Rows, class T>
CTGRAD_NOINLINE void add_bias(T* scores, const T* bias, Size row, Size column, Size keys) {
  constexpr Size columns = Tile.columns();
  alignas(64) T packed[static_cast<std::size_t>(mask_keys * columns)];
  for (Size first = 0; first < keys; first += mask_keys, scores += mask_keys * columns) {
    const Size count = std::min(mask_keys, keys - first);
    pack_mask<columns, Rows>(packed, bias + first * column, row, column, count);
    for (Size i = 0; i < count * columns; i += Tile.lanes) {
      auto numbers = Lanes<T, Tile.lanes>::load(scores + i);
      numbers.add(Lanes<T, Tile.lanes>::load(packed + i));
      numbers.store(scores + i);
    }
  }
}

/// scores [keys, Columns] = fill where the mask is `excluded`.
template <QueryTile Tile, Size Rows, class T>
CTGRAD_NOINLINE void fill_masked(T* scores, const bool* mask, Size row, Size column, Size keys, bool excluded,
                                 T fill) {
  constexpr Size columns = Tile.columns();
  if (row == 0) {  // the same keys for all queries
    for (Size s = 0; s < keys; ++s) {
      if (mask[s * column] == excluded) std::fill_n(scores + s * columns, columns, fill);
    }
    return;
  }
  alignas(64) T chosen[static_cast<std::size_t>(Rows * mask_keys)];
  alignas(64) T packed[static_cast<std::size_t>(mask_keys * columns)];
  for (Size first = 0; first < keys; first += mask_keys) {
    const Size count = std::min(mask_keys, keys - first);
    for (Size r = 0; r < Rows; ++r) {
      const bool* from = mask + r * row + first * column;
      for (Size s = 0; s < count; ++s)
        chosen[r * mask_keys + s] = static_cast<T>(from[s * column] == excluded);
    }
    pack_transposed_panel<columns, Rows>(packed, chosen, count, mask_keys);
    for (Size s = 0; s < count; ++s, scores += columns) fill_chosen<Tile>(scores, packed + s * columns, fill);
  }
}

/// scores [keys, Columns] = fill where the key comes behind the query; `lead`: how far the first query lies
/// behind the first key.
template <QueryTile Tile, class T>
CTGRAD_NOINLINE void fill_later_keys(T* scores, Size lead, Size keys, T fill) {
  constexpr Size columns = Tile.columns();
  T ones_then_zeros[static_cast<std::size_t>(2 * columns)] = {};
  std::fill_n(ones_then_zeros, columns, T{1});
  for (Size s = std::max(Size{0}, lead + 1); s < keys; ++s)
    fill_chosen<Tile>(scores + s * columns, ones_then_zeros + columns - std::min(s - lead, columns), fill);
}

/// Fills the scores [keys, Columns] that are left out, of the queries from `query` and the keys from `key`
/// on.
template <AttentionShape S, QueryTile Tile, Size Rows, class T>
void fill_left_out(T* scores, const AttentionMask<T>& m, Size query, Size key, Size keys, T fill) {
  if constexpr (S.masked) {
    fill_masked<Tile, Rows>(scores, m.mask + query * m.mask_row + key * m.mask_column, m.mask_row,
                            m.mask_column, keys, m.excluded, fill);
  }
  if constexpr (S.causal) fill_later_keys<Tile>(scores, query - key, keys, fill);
}

/// Adds the bias to these scores and fills those that are left out.
template <AttentionShape S, QueryTile Tile, Size Rows, class T>
void mask_scores(T* scores, const AttentionMask<T>& m, Size query, Size key, Size keys) {
  if constexpr (S.biased) {
    add_bias<Tile, Rows>(scores, m.bias + query * m.bias_row + key * m.bias_column, m.bias_row, m.bias_column,
                         keys);
  }
  fill_left_out<S, Tile, Rows>(scores, m, query, key, keys, m.fill);
}

/// The keys that any of the queries before `end` sees.
template <AttentionShape S, class T>
Size visible_keys(Size end, const AttentionMask<T>& mask) {
  const bool skips = S.causal && mask.fill == -std::numeric_limits<T>::infinity();
  return skips ? std::min(S.keys, end) : S.keys;
}

}  // namespace ctgrad::kernels
