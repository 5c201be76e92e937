#pragma once

#include <ctgrad/kernels/attention_dropout.hpp>
#include <ctgrad/kernels/attention_mask.hpp>
#include <ctgrad/kernels/attention_softmax.hpp>

#include <type_traits>

/// Attention without its scores: tiles of queries over blocks of keys. Source: Dao et al.,
/// "FlashAttention", 2022.
namespace ctgrad::kernels {

/// What the forward of attention reads.
template <class T>
struct AttentionInput {
  const T* q;
  const T* k;
  const T* v;
  T scale;
  AttentionMask<T> mask;
  AttentionDropout dropout;
};

/// to [rows, width] = from, a factor for each row; rows lie `to_row` and `from_row` apart.
template <class T>
CTGRAD_NOINLINE void scale_rows(T* to, Size to_row, const T* from, Size from_row, const T* factors, Size rows,
                                Size width) {
  constexpr Size lanes = lanes_of<T>;
  constexpr Size quarter = 16 / static_cast<Size>(sizeof(T));
  for (Size r = 0; r < rows; ++r, to += to_row, from += from_row) {
    const auto scale = [&]<Size Count>(std::integral_constant<Size, Count>, Size c) {
      auto numbers = Lanes<T, Count>::load(from + c);
      numbers.multiply(factors[r]);
      numbers.store(to + c);
    };
    Size c = 0;
    for (; c + lanes <= width; c += lanes) scale(std::integral_constant<Size, lanes>{}, c);
    for (; c + quarter <= width; c += quarter) scale(std::integral_constant<Size, quarter>{}, c);
    for (; c < width; ++c) to[c] = from[c] * factors[r];
  }
}

/// The weighted sums of the values for `Rows` queries, block by block of keys.
template <AttentionShape S, Size Rows, class T>
class AttentionSums {
 public:
  static constexpr bool many = S.keys > many_keys;
  using Total = std::conditional_t<many, double, T>;

  AttentionSums() {
    if constexpr (many) std::fill_n(totals_, size, 0.0);
    if constexpr (!many && (S.keys > key_block || S.keys == 0)) std::fill_n(sums_, size, T{0});
  }

  /// Adds weights [keys, columns] times the values v [keys, value_width]; what was there decays first.
  template <Size Columns>
  void add(const T* weights, const T* v, const T* decay, Size keys, bool is_first) {
    constexpr TileStrides strides{1, Columns, S.value_row, S.value_width};
    constexpr bool accumulates = !many && S.keys > key_block;
    if (accumulates && !is_first)
      scale_rows(sums_, S.value_width, sums_, S.value_width, decay, Rows, S.value_width);
    padded_product<S.value_width, largest_block(S), strides, accumulates>(
        sums_, weights, v, std::integral_constant<Size, Rows>{}, keys);
    if constexpr (many) {
      for (Size i = 0; i < size; ++i) {
        const T factor = decay[i / std::max(S.value_width, Size{1})];
        totals_[i] = totals_[i] * static_cast<double>(factor) + static_cast<double>(sums_[i]);
      }
    }
  }

  /// result [Rows, value_width] = the sums times the factors [Rows], one for each row.
  void finish(T* __restrict result, const T* factors) {
    if constexpr (many) {
      for (Size i = 0; i < size; ++i) sums_[i] = static_cast<T>(totals_[i]);
    }
    scale_rows(result, S.value_row, sums_, S.value_width, factors, Rows, S.value_width);
  }

 private:
  static constexpr Size size = Rows * S.value_width;

  alignas(64) T sums_[static_cast<std::size_t>(std::max(size, Size{1}))];
  double totals_[static_cast<std::size_t>(many ? std::max(size, Size{1}) : 1)];
};

/// Attention of the `Rows` queries from t on.
template <AttentionShape S, Size Rows, class T>
void attend(T* __restrict result, T* __restrict log_sum_exp, const AttentionInput<T>& x, Size t) {
  constexpr QueryTile tile = query_tile<T>(Rows);
  constexpr Size columns = tile.columns();
  constexpr TileStrides of_scores{S.row, 1, columns, columns};
  alignas(64) T queries[static_cast<std::size_t>(std::max(S.width, Size{1}) * columns)];
  alignas(64) T scores[static_cast<std::size_t>(largest_block(S) * columns)];
  AttentionSums<S, Rows, T> sums;
  RunningSoftmax<tile, T, typename AttentionSums<S, Rows, T>::Total> softmax;
  pack_queries<columns, Rows>(queries, x.q + t * S.row, S.width, S.row, x.scale);
  for_each_key_block<S>(visible_keys<S>(t + Rows, x.mask), [&](auto keys, Size s) {
    product_vectors<tile.vectors, tile.lanes, of_scores, false>(scores, x.k + s * S.row, queries, keys,
                                                                S.width);
    mask_scores<S, tile, Rows>(scores, x.mask, t, s, keys);
    softmax.add(scores, keys);
    if constexpr (S.threshold > 0) drop_weights<tile>(scores, x.dropout, S.threshold, t, s, keys);
    sums.template add<columns>(scores, x.v + s * S.value_row, softmax.decay, keys, s == 0);
  });
  alignas(64) T factors[static_cast<std::size_t>(columns)];
  alignas(64) T logs[static_cast<std::size_t>(columns)];
  softmax.finish(factors, logs);
  std::copy_n(logs, Rows, log_sum_exp + t);
  sums.finish(result + t * S.value_row, factors);
}

/// result [T, value_width] = dropped(softmax(scale q k^T, masked)) v and the scores' log-sum-exp [T]. A query
/// that sees no key gives 0 and -inf; NaN in its scores makes all of its result and its log-sum-exp NaN.
template <AttentionShape S, class T>
void attention(T* __restrict result, T* __restrict log_sum_exp, const T* q, const T* k, const T* v, T scale,
               const AttentionMask<T>& mask, const AttentionDropout& dropout) {
  const AttentionInput<T> x{q, k, v, scale, mask, dropout};
  for_each_query_tile<S.queries, T>([&](auto rows, Size t) { attend<S, rows>(result, log_sum_exp, x, t); });
}

}  // namespace ctgrad::kernels
