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

/// The keys that are brought into the scores' order at once.
inline constexpr Size mask_keys = 64;

/// packed [keys, Columns] = x [Rows, keys] transposed, of which elements lie `row` and `column` apart.
/// What is behind the rows is left as it is.
template <Size Columns, Size Rows, class X>
void pack_mask(X* __restrict packed, const X* __restrict x, Size row, Size column, Size keys) {
  constexpr Size side = 16 / static_cast<Size>(sizeof(X));
  Size r = 0;
  if (column == 1 && row != 0) {
    for (; r + side <= Rows; r += side) transpose_strip<side>(packed + r, x + r * row, keys, row, Columns);
  }
  for (Size s = 0; s < keys; ++s) {
    for (Size rest = r; rest < Rows; ++rest) packed[s * Columns + rest] = x[rest * row + s * column];
  }
}

/// Calls body(first key, count, packed) for all keys, a few at a time: packed [count, Columns] is their part
/// of x [Rows, keys].
template <Size Columns, Size Rows, class X, class Body>
void for_each_packed(const X* x, Size row, Size column, Size keys, const Body& body) {
  alignas(64) X packed[static_cast<std::size_t>(mask_keys * Columns)] = {};
  for (Size s = 0; s < keys; s += mask_keys) {
    const Size count = std::min(mask_keys, keys - s);
    pack_mask<Columns, Rows>(packed, x + s * column, row, column, count);
    body(s, count, packed);
  }
}

/// scores [keys, Columns] += the bias, whose elements for the first query and key are the first ones.
template <Size Columns, Size Rows, class T>
CTGRAD_NOINLINE void add_bias(T* __restrict scores, const T* bias, Size row, Size column, Size keys) {
  for_each_packed<Columns, Rows>(bias, row, column, keys, [&](Size first, Size count, const T* packed) {
    T* const from = scores + first * Columns;
    for (Size s = 0; s < count; ++s) {
      for (Size r = 0; r < Columns; ++r) from[s * Columns + r] += packed[s * Columns + r];
    }
  });
}

/// scores [keys, Columns] = fill where the mask is `excluded`.
template <Size Columns, Size Rows, class T>
CTGRAD_NOINLINE void fill_masked(T* __restrict scores, const bool* mask, Size row, Size column, Size keys,
                                 bool excluded, T fill) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(mask);
  const unsigned char where = excluded ? 1 : 0;
  if (row == 0) {
    for (Size s = 0; s < keys; ++s) {
      if (bytes[s * column] == where) std::fill_n(scores + s * Columns, Columns, fill);
    }
    return;
  }
  for_each_packed<Columns, Rows>(bytes, row, column, keys,
                                 [&](Size first, Size count, const unsigned char* packed) {
                                   T* const from = scores + first * Columns;
                                   for (Size s = 0; s < count; ++s) {
                                     T* const scores_of = from + s * Columns;
                                     for (Size r = 0; r < Columns; ++r)
                                       scores_of[r] = packed[s * Columns + r] == where ? fill : scores_of[r];
                                   }
                                 });
}

/// scores [keys, Columns] = fill where the key comes behind the query; `lead`: how far the first query lies
/// behind the first key.
template <Size Columns, class T>
CTGRAD_NOINLINE void fill_later_keys(T* __restrict scores, Size lead, Size keys, T fill) {
  for (Size s = std::max(Size{0}, lead + 1); s < keys; ++s) {
    T* const scores_of = scores + s * Columns;
    const auto first = static_cast<std::int32_t>(std::min(s - lead, Columns));
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(Columns); ++r)
      scores_of[r] = r < first ? fill : scores_of[r];
  }
}

/// Fills the scores [keys, Columns] that are left out, of the queries from `query` and the keys from `key`
/// on.
template <AttentionShape S, Size Columns, Size Rows, class T>
void fill_left_out(T* scores, const AttentionMask<T>& m, Size query, Size key, Size keys, T fill) {
  if constexpr (S.masked) {
    fill_masked<Columns, Rows>(scores, m.mask + query * m.mask_row + key * m.mask_column, m.mask_row,
                               m.mask_column, keys, m.excluded, fill);
  }
  if constexpr (S.causal) fill_later_keys<Columns>(scores, query - key, keys, fill);
}

/// Adds the bias to these scores and fills those that are left out.
template <AttentionShape S, Size Columns, Size Rows, class T>
void mask_scores(T* scores, const AttentionMask<T>& m, Size query, Size key, Size keys) {
  if constexpr (S.biased) {
    add_bias<Columns, Rows>(scores, m.bias + query * m.bias_row + key * m.bias_column, m.bias_row,
                            m.bias_column, keys);
  }
  fill_left_out<S, Columns, Rows>(scores, m, query, key, keys, m.fill);
}

/// The keys that any of the queries before `end` sees.
template <AttentionShape S, class T>
Size visible_keys(Size end, const AttentionMask<T>& mask) {
  const bool skips = S.causal && mask.fill == -std::numeric_limits<T>::infinity();
  return skips ? std::min(S.keys, end) : S.keys;
}

}  // namespace ctgrad::kernels
