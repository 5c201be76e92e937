#pragma once

#include <ctgrad/kernels/attention_dropout.hpp>
#include <ctgrad/kernels/exp.hpp>
#include <ctgrad/kernels/product.hpp>

#include <cmath>
#include <type_traits>

/// Attention without its scores: tiles of queries over blocks of keys, in both directions. Source: Dao et
/// al., "FlashAttention", 2022.
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

/// Queries that are worked on at once: two vectors, or as many as there are.
template <class T>
constexpr Size query_tile(Size queries) {
  const Size most = tile_columns<T>;
  return queries >= most ? most : std::max(Size{4}, (queries + 3) / 4 * 4);
}

/// Keys whose scores for a tile of queries stay in the first-level cache.
inline constexpr Size key_block = 256;

/// Beyond so many, what the blocks of keys give is summed up in double.
inline constexpr Size many_keys = 1024;

/// x [rows, Width], rows `Row` apart, as [Width, Tile], times `scale`; zeros behind the rows.
template <Size Tile, Size Width, Size Row, class T>
void pack_columns(T* __restrict packed, const T* x, Size rows, T scale) {
  for (Size c = 0; c < Width; ++c) {
    for (Size r = 0; r < Tile; ++r) packed[c * Tile + r] = r < rows ? x[r * Row + c] * scale : T{0};
  }
}

/// Adds the bias and leaves out what the mask says, in the scores [keys, Tile] of the queries from `query`
/// and the keys from `key` on.
template <AttentionShape S, Size Tile, class T>
void mask_scores(T* scores, const AttentionMask<T>& mask, Size query, Size key, Size rows, Size keys) {
  if constexpr (S.biased) {
    for (Size s = 0; s < keys; ++s) {
      for (Size r = 0; r < rows; ++r)
        scores[s * Tile + r] += mask.bias[(query + r) * mask.bias_row + (key + s) * mask.bias_column];
    }
  }
  if constexpr (S.masked) {
    for (Size s = 0; s < keys; ++s) {
      for (Size r = 0; r < rows; ++r) {
        const bool found = mask.mask[(query + r) * mask.mask_row + (key + s) * mask.mask_column];
        if (found == mask.excluded) scores[s * Tile + r] = mask.fill;
      }
    }
  }
  if constexpr (S.causal) {
    for (Size s = std::max(Size{0}, query - key + 1); s < keys; ++s) {
      for (Size r = 0; r < std::min(Tile, key + s - query); ++r) scores[s * Tile + r] = mask.fill;
    }
  }
}

/// The keys that any of the queries before `end` sees.
template <AttentionShape S, class T>
Size visible_keys(Size end, const AttentionMask<T>& mask) {
  const bool skips = S.causal && mask.fill == -std::numeric_limits<T>::infinity();
  return skips ? std::min(S.keys, end) : S.keys;
}

/// The running maximum and sum of exponentials of every query of a tile; Total holds the sum of many blocks.
template <Size Tile, class T, class Total>
struct RunningSoftmax {
  T maximum[static_cast<std::size_t>(Tile)];
  Total sum[static_cast<std::size_t>(Tile)] = {};

  RunningSoftmax() {
    for (T& number : maximum) number = -std::numeric_limits<T>::infinity();
  }

  /// Turns scores [keys, Tile] into exp(score - maximum so far); `decay`: what earlier ones are to be
  /// multiplied by.
  void add(T* __restrict scores, Size keys, T* __restrict decay) {
    T next[static_cast<std::size_t>(Tile)];
    T shift[static_cast<std::size_t>(Tile)];
    for (Size r = 0; r < Tile; ++r) next[r] = maximum[r];
    for (Size s = 0; s < keys; ++s) {
      for (Size r = 0; r < Tile; ++r) {
        const T score = scores[s * Tile + r];
        next[r] = next[r] > score || score != score ? next[r] : score;
      }
    }
    for (Size r = 0; r < Tile; ++r) {
      const bool none = next[r] == -std::numeric_limits<T>::infinity();
      shift[r] = none ? T{0} : next[r];
      decay[r] = kernels::exp(maximum[r] - shift[r]);
      maximum[r] = next[r];
    }
    T found[static_cast<std::size_t>(Tile)] = {};
    for (Size s = 0; s < keys; ++s) {
      for (Size r = 0; r < Tile; ++r) {
        const T weight = kernels::exp(scores[s * Tile + r] - shift[r]);
        scores[s * Tile + r] = weight;
        found[r] += weight;
      }
    }
    for (Size r = 0; r < Tile; ++r)
      sum[r] = sum[r] * static_cast<Total>(decay[r]) + static_cast<Total>(found[r]);
  }
};

/// result [T, value_width] = dropped(softmax(scale q k^T, masked)) v and the scores' log-sum-exp [T]. A query
/// that sees no key gives 0 and -inf.
template <AttentionShape S, class T>
void attention(T* __restrict result, T* __restrict log_sum_exp, const T* q, const T* k, const T* v, T scale,
               const AttentionMask<T>& mask, const AttentionDropout& dropout) {
  constexpr Size tile = query_tile<T>(S.queries);
  constexpr Size block = std::clamp(S.keys, Size{1}, key_block);
  constexpr TileStrides of_scores{S.row, 1, tile, tile};
  constexpr TileStrides of_result{1, tile, S.value_row, S.value_width};
  alignas(64) T columns[static_cast<std::size_t>(std::max(S.width, Size{1}) * tile)];
  alignas(64) T scores[static_cast<std::size_t>(block * tile)];
  constexpr Size size = tile * std::max(S.value_width, Size{1});
  alignas(64) T sums[static_cast<std::size_t>(size)];
  constexpr bool many = S.keys > many_keys;
  double totals[static_cast<std::size_t>(many ? size : 1)];
  for (Size t = 0; t < S.queries; t += tile) {
    const Size rows = std::min(tile, S.queries - t);
    pack_columns<tile, S.width, S.row>(columns, q + t * S.row, rows, scale);
    RunningSoftmax<tile, T, std::conditional_t<many, double, T>> softmax;
    std::fill(std::begin(sums), std::end(sums), T{0});
    std::fill(std::begin(totals), std::end(totals), 0.0);
    const Size end = visible_keys<S>(t + rows, mask);
    for (Size s = 0; s < end; s += block) {
      const Size keys = std::min(block, end - s);
      T decay[static_cast<std::size_t>(tile)];
      product<tile, block, of_scores, false>(scores, k + s * S.row, columns, keys, S.width);
      mask_scores<S, tile>(scores, mask, t, s, rows, keys);
      softmax.add(scores, keys, decay);
      if constexpr (S.threshold > 0) drop_weights<S.threshold, tile>(scores, dropout, t, s, keys);
      for (Size r = 0; !many && s > 0 && r < tile; ++r) {
        for (Size c = 0; c < S.value_width; ++c) sums[r * S.value_width + c] *= decay[r];
      }
      product<S.value_width, tile, of_result, !many>(sums, scores, v + s * S.value_row, tile, keys);
      for (Size i = 0; many && i < size; ++i) {
        const T factor = decay[i / std::max(S.value_width, Size{1})];
        totals[i] = totals[i] * static_cast<double>(factor) + static_cast<double>(sums[i]);
      }
    }
    for (Size i = 0; many && i < size; ++i) sums[i] = static_cast<T>(totals[i]);
    for (Size r = 0; r < rows; ++r) {
      const T factor = softmax.sum[r] == 0 ? T{0} : static_cast<T>(1 / softmax.sum[r]);
      for (Size c = 0; c < S.value_width; ++c)
        result[(t + r) * S.value_row + c] = sums[r * S.value_width + c] * factor;
      log_sum_exp[t + r] =
          softmax.maximum[r] + (softmax.sum[r] == 0 ? T{0} : std::log(static_cast<T>(softmax.sum[r])));
    }
  }
}

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

/// weights [keys, Tile] = exp(score - log-sum-exp), 0 for a query that sees no key.
template <Size Tile, class T>
void weights_again(T* __restrict scores, const T* log_sum_exp, Size rows, Size keys) {
  T shift[static_cast<std::size_t>(Tile)];
  for (Size r = 0; r < Tile; ++r) {
    const bool sees = r < rows && log_sum_exp[r] != -std::numeric_limits<T>::infinity();
    shift[r] = sees ? log_sum_exp[r] : std::numeric_limits<T>::infinity();
  }
  for (Size s = 0; s < keys; ++s) {
    for (Size r = 0; r < Tile; ++r) scores[s * Tile + r] = kernels::exp(scores[s * Tile + r] - shift[r]);
  }
}

/// slopes [keys, Tile] = scale weights (slopes - <result, cotangent>), the cotangents of the scores; 0 where
/// a key is left out.
template <AttentionShape S, Size Tile, class T>
void score_cotangents(T* __restrict slopes, const T* weights, const T* dots, T scale,
                      const AttentionMask<T>& mask, Size query, Size key, Size rows, Size keys) {
  for (Size s = 0; s < keys; ++s) {
    for (Size r = 0; r < Tile; ++r) {
      const T weight = weights[s * Tile + r];
      slopes[s * Tile + r] = weight == 0 ? T{0} : scale * weight * (slopes[s * Tile + r] - dots[r]);
    }
  }
  if (mask.fill == -std::numeric_limits<T>::infinity()) return;  // their weights are 0
  constexpr AttentionShape unbiased = [] {
    AttentionShape shape = S;
    shape.biased = false;
    return shape;
  }();
  AttentionMask<T> none = mask;
  none.fill = 0;
  mask_scores<unbiased, Tile>(slopes, none, query, key, rows, keys);
}

/// x [rows, Width], rows `Row` apart, = 0.
template <Size Width, Size Row, class T>
inline void clear_rows(T* __restrict x, Size rows) {
  for (Size r = 0; r < rows; ++r) std::fill_n(x + r * Row, Width, T{0});
}

/// dots [rows] += <left, right> of each row [Width], rows `Row` apart.
template <Size Width, Size Row, class T>
inline void add_row_dots(T* __restrict dots, const T* left, const T* right, Size rows) {
  for (Size r = 0; r < rows; ++r) {
    for (Size c = 0; c < Width; ++c) dots[r] += left[r * Row + c] * right[r * Row + c];
  }
}

/// The cotangents of q [T, width], k [S, width] and v [S, value_width], from the kept log-sum-exp.
template <AttentionShape S, class T>
void attention_backward(T* __restrict dq, T* __restrict dk, T* __restrict dv, const AttentionResidual<T>& x,
                        T scale, const AttentionMask<T>& mask, const AttentionDropout& dropout) {
  constexpr Size tile = query_tile<T>(S.queries);
  constexpr Size block = std::clamp(S.keys, Size{1}, key_block);
  constexpr TileStrides of_scores{S.row, 1, tile, tile};
  constexpr TileStrides of_slopes{S.value_row, 1, tile, tile};
  constexpr TileStrides of_dq{1, tile, S.row, S.row};
  constexpr TileStrides of_dk{tile, 1, S.row, S.row};
  constexpr TileStrides of_dv{tile, 1, S.value_row, S.value_row};
  alignas(64) T columns[static_cast<std::size_t>(std::max({S.width, S.value_width, Size{1}}) * tile)];
  constexpr auto pairs = static_cast<std::size_t>(block * tile);
  alignas(64) T weights[pairs], slopes[pairs], dropped[S.threshold > 0 ? pairs : 1];
  const T* kept = S.threshold > 0 ? dropped : weights;
  clear_rows<S.width, S.row>(dk, S.keys);
  clear_rows<S.value_width, S.value_row>(dv, S.keys);
  for (Size t = 0; t < S.queries; t += tile) {
    const Size rows = std::min(tile, S.queries - t);
    const T* cotangent = x.cotangent + t * S.value_row;
    T dots[static_cast<std::size_t>(tile)] = {};
    clear_rows<S.width, S.row>(dq + t * S.row, rows);
    add_row_dots<S.value_width, S.value_row>(dots, x.result + t * S.value_row, cotangent, rows);
    for (Size s = 0, end = visible_keys<S>(t + rows, mask); s < end; s += block) {
      const Size keys = std::min(block, end - s);
      pack_columns<tile, S.width, S.row>(columns, x.q + t * S.row, rows, scale);
      product<tile, block, of_scores, false>(weights, x.k + s * S.row, columns, keys, S.width);
      mask_scores<S, tile>(weights, mask, t, s, rows, keys);
      weights_again<tile>(weights, x.log_sum_exp + t, rows, keys);
      pack_columns<tile, S.value_width, S.value_row>(columns, cotangent, rows, T{1});
      product<tile, block, of_slopes, false>(slopes, x.v + s * S.value_row, columns, keys, S.value_width);
      if constexpr (S.threshold > 0)
        drop_weights_and_slopes<S.threshold, tile>(dropped, slopes, weights, dropout, t, s, keys);
      product<S.value_width, block, of_dv, true>(dv + s * S.value_row, kept, cotangent, keys, rows);
      score_cotangents<S, tile>(slopes, weights, dots, scale, mask, t, s, rows, keys);
      product<S.width, block, of_dk, true>(dk + s * S.row, slopes, x.q + t * S.row, keys, rows);
      product<S.width, tile, of_dq, true>(dq + t * S.row, slopes, x.k + s * S.row, rows, keys);
    }
  }
}

}  // namespace ctgrad::kernels
