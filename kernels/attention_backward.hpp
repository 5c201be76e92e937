#pragma once

#include <ctgrad/kernels/attention.hpp>
#include <ctgrad/kernels/reduce.hpp>

/// The derivative of attention, from the log-sum-exp that its forward kept.
namespace ctgrad::kernels {

/// What the backward of attention reads.
template <class T>
struct AttentionResidual {
  const T* q;
  const T* k;
  const T* v;
  const T* result;
  const T* log_sum_exp;
  const T* cotangent;  ///< of the result
};

/// What it computes.
template <class T>
struct AttentionCotangents {
  T* q;
  T* k;
  T* v;
};

/// sums [run_lanes] = the products of left and right [width], added up in so many lanes.
template <class T>
CTGRAD_INLINE void dot_lanes(T* __restrict sums, const T* left, const T* right, Size width) {
  constexpr Size lanes = std::min(lanes_of<T>, run_lanes);
  constexpr Size vectors = run_lanes / lanes;
  using Vector = Lanes<T, lanes>;
  Vector each[static_cast<std::size_t>(vectors)];
  CTGRAD_UNROLL
  for (Size j = 0; j < vectors; ++j) each[j] = Vector::filled(0);
  Size i = 0;
  for (; i + run_lanes <= width; i += run_lanes) {
    CTGRAD_UNROLL
    for (Size j = 0; j < vectors; ++j)
      each[j].add_product(Vector::load(left + i + j * lanes), Vector::load(right + i + j * lanes));
  }
  CTGRAD_UNROLL
  for (Size j = 0; j < vectors; ++j) each[j].store(sums + j * lanes);
  for (Size j = 0; i + j < width; ++j) sums[j] = fused(left[i + j], right[i + j], sums[j]);
}

/// dots [Columns] = <left, right> of each row [Rows, width], rows `row` apart, each a sum of lanes in a fixed
/// order; 0 behind the rows.
template <Size Columns, Size Rows, class T>
CTGRAD_NOINLINE void row_dots(T* __restrict dots, const T* left, const T* right, Size width, Size row) {
  alignas(64) T lanes[static_cast<std::size_t>(Rows * run_lanes)];
  alignas(64) T columns[static_cast<std::size_t>(run_lanes * Columns)];
  for (Size r = 0; r < Rows; ++r) dot_lanes(lanes + r * run_lanes, left + r * row, right + r * row, width);
  pack_transposed_panel<Columns, Rows>(columns, lanes, run_lanes, run_lanes);
  for (Size count = run_lanes / 2; count > 0; count /= 2) {
    for (Size i = 0; i < count * Columns; ++i) columns[i] += columns[i + count * Columns];
  }
  std::copy_n(columns, Columns, dots);
}

/// x [rows, width] = 0, rows `row` apart.
template <class T>
CTGRAD_NOINLINE void clear_rows(T* x, Size rows, Size width, Size row) {
  for (Size r = 0; r < rows; ++r) std::fill_n(x + r * row, width, T{0});
}

/// What a tile of queries needs of itself in the backward, a query in each lane.
template <AttentionShape S, Size Rows, class T>
struct QueryColumns {
  static constexpr Size columns = query_tile<T>(Rows).columns();
  alignas(64) T queries[static_cast<std::size_t>(std::max(S.width, Size{1}) * columns)];
  alignas(64) T cotangents[static_cast<std::size_t>(std::max(S.value_width, Size{1}) * columns)];
  alignas(64) T dots[static_cast<std::size_t>(columns)];   ///< of result and cotangent
  alignas(64) T shift[static_cast<std::size_t>(columns)];  ///< log-sum-exp; inf where nothing is seen

  QueryColumns(const AttentionResidual<T>& x, T scale, Size t) {
    const T* cotangent = x.cotangent + t * S.value_row;
    pack_queries<columns, Rows>(queries, x.q + t * S.row, S.width, S.row, scale);
    pack_queries<columns, Rows>(cotangents, cotangent, S.value_width, S.value_row, T{1});
    row_dots<columns, Rows>(dots, x.result + t * S.value_row, cotangent, S.value_width, S.value_row);
    constexpr T infinity = std::numeric_limits<T>::infinity();
    std::fill_n(shift, columns, infinity);
    for (Size r = 0; r < Rows; ++r) {
      const T log = x.log_sum_exp[t + r];
      shift[r] = log == -infinity ? infinity : log;
    }
  }
};

/// The part of the `Rows` queries from t on in all cotangents.
template <AttentionShape S, Size Rows, class T>
void attend_backward(const AttentionCotangents<T>& d, const AttentionResidual<T>& x, T scale,
                     const AttentionMask<T>& mask, const AttentionDropout& dropout, Size t) {
  constexpr QueryTile tile = query_tile<T>(Rows);
  constexpr Size columns = tile.columns();
  constexpr Size block = largest_block(S);
  constexpr TileStrides of_scores{S.row, 1, columns, columns};
  constexpr TileStrides of_slopes{S.value_row, 1, columns, columns};
  constexpr TileStrides of_dq{1, columns, S.row, S.row};
  constexpr TileStrides of_dk{columns, 1, S.row, S.row};
  constexpr TileStrides of_dv{columns, 1, S.value_row, S.value_row};
  constexpr bool adds_to_q = S.keys > key_block;
  constexpr bool adds_to_keys = S.queries > Rows;
  constexpr std::integral_constant<Size, Rows> rows;
  const QueryColumns<S, Rows, T> of(x, scale, t);
  alignas(64) T weights[static_cast<std::size_t>(block * columns)];
  alignas(64) T slopes[static_cast<std::size_t>(block * columns)];
  if constexpr (adds_to_q) clear_rows(d.q + t * S.row, Rows, S.width, S.row);
  for_each_key_block<S>(visible_keys<S>(t + Rows, mask), [&](auto keys, Size s) {
    product_vectors<tile.vectors, tile.lanes, of_scores, false>(weights, x.k + s * S.row, of.queries, keys,
                                                                S.width);
    mask_scores<S, tile, Rows>(weights, mask, t, s, keys);
    product_vectors<tile.vectors, tile.lanes, of_slopes, false>(slopes, x.v + s * S.value_row, of.cotangents,
                                                                keys, S.value_width);
    const auto turn = [&](T* some_weights, T* some_slopes, Size count) {
      weights_and_slopes<tile>(some_weights, some_slopes, of.shift, of.dots, scale, count);
    };
    if constexpr (S.threshold > 0) {
      drop_around<tile>(weights, slopes, dropout, S.threshold, t, s, keys, turn);
    } else {
      turn(weights, slopes, keys);
    }
    // A score that is a constant, not a product, has no slope; where it is -inf, that is 0 already.
    if (mask.fill != -std::numeric_limits<T>::infinity())
      fill_left_out<S, tile, Rows>(slopes, mask, t, s, keys, T{0});
    padded_product<S.value_width, Rows, of_dv, adds_to_keys>(d.v + s * S.value_row, weights,
                                                             x.cotangent + t * S.value_row, keys, Rows);
    padded_product<S.width, Rows, of_dk, adds_to_keys>(d.k + s * S.row, slopes, x.q + t * S.row, keys, Rows);
    padded_product<S.width, block, of_dq, adds_to_q>(d.q + t * S.row, slopes, x.k + s * S.row, rows, keys);
  });
}

/// The cotangents of q [T, width], k [S, width] and v [S, value_width], from the kept log-sum-exp. Each
/// element is one chain over the keys, or over the queries, in their order.
template <AttentionShape S, class T>
void attention_backward(T* __restrict dq, T* __restrict dk, T* __restrict dv, const AttentionResidual<T>& x,
                        T scale, const AttentionMask<T>& mask, const AttentionDropout& dropout) {
  const AttentionCotangents<T> cotangents{dq, dk, dv};
  // A single tile of queries writes the rows of the keys that it sees; several are added up.
  const Size written = S.queries > 0 && S.queries <= tile_columns<T> ? visible_keys<S>(S.queries, mask) : 0;
  clear_rows(dk + written * S.row, S.keys - written, S.width, S.row);
  clear_rows(dv + written * S.value_row, S.keys - written, S.value_width, S.value_row);
  if constexpr (S.keys == 0) clear_rows(dq, S.queries, S.width, S.row);
  for_each_query_tile<S.queries, T>(
      [&](auto rows, Size t) { attend_backward<S, rows>(cotangents, x, scale, mask, dropout, t); });
}

}  // namespace ctgrad::kernels
