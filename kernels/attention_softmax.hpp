#pragma once

#include <ctgrad/kernels/attention_tiles.hpp>
#include <ctgrad/kernels/exp.hpp>
#include <ctgrad/kernels/log.hpp>

#include <limits>

/// Softmax over the keys for every query of a tile, forward and backward.
namespace ctgrad::kernels {

/// maximum [lanes] = the largest of it and of the rows of scores [keys, ...], which lie `row` apart; four
/// chains, since each comparison waits for the one before. A NaN among the scores may be passed over.
template <Size Count, class T>
CTGRAD_INLINE void find_maximum(Lanes<T, Count>& maximum, const T* scores, Size row, Size keys) {
  using Vector = Lanes<T, Count>;
  constexpr Size chains = 4;
  Vector most[] = {maximum, maximum, maximum, maximum};
  for (Size turn = keys / chains; turn > 0; --turn, scores += chains * row) {
    CTGRAD_UNROLL
    for (Size i = 0; i < chains; ++i) most[i].keep_larger(Vector::load(scores + i * row));
  }
  for (Size turn = keys % chains; turn > 0; --turn, scores += row) most[0].keep_larger(Vector::load(scores));
  most[0].keep_larger(most[1]);
  most[2].keep_larger(most[3]);
  most[0].keep_larger(most[2]);
  maximum = most[0];
}

/// The running maximum and sum of exponentials of every query of a tile; Total holds the sum of many blocks.
template <QueryTile Tile, class T, class Total>
struct RunningSoftmax {
  static constexpr Size columns = Tile.columns();
  alignas(64) T maximum[static_cast<std::size_t>(columns)];
  alignas(64) Total sum[static_cast<std::size_t>(columns)] = {};
  /// What is left of what earlier blocks gave, now that the maximum is larger.
  alignas(64) T decay[static_cast<std::size_t>(columns)];

  RunningSoftmax() { std::fill_n(maximum, columns, -std::numeric_limits<T>::infinity()); }

  /// Turns scores [keys, columns] into exp(score - maximum so far), NaN where the score is.
  CTGRAD_NOINLINE void add(T* __restrict scores, Size keys) {
    using Vector = Lanes<T, Tile.lanes>;
    Vector shift[static_cast<std::size_t>(Tile.vectors)];
    Vector found[static_cast<std::size_t>(Tile.vectors)];
    CTGRAD_UNROLL
    for (Size j = 0; j < Tile.vectors; ++j) {
      shift[j] = next_maximum(j * Tile.lanes, scores + j * Tile.lanes, keys);
      found[j] = Vector::filled(0);
    }
    for (Size s = 0; s < keys; ++s) {
      CTGRAD_UNROLL
      for (Size j = 0; j < Tile.vectors; ++j) {
        T* const at = scores + s * columns + j * Tile.lanes;
        Vector weight = Vector::load(at);
        weight.subtract(shift[j]);
        weight = exp_nonpositive(weight);
        weight.store(at);
        found[j].add(weight);
      }
    }
    alignas(64) T sums[static_cast<std::size_t>(columns)];
    CTGRAD_UNROLL
    for (Size j = 0; j < Tile.vectors; ++j) found[j].store(sums + j * Tile.lanes);
    for (Size r = 0; r < columns; ++r)
      sum[r] = sum[r] * static_cast<Total>(decay[r]) + static_cast<Total>(sums[r]);
  }

  /// factors [columns] = 1 / sum, by which weighted sums become means, and logs [columns] = the log-sum-exp;
  /// 0 and -inf where no key was seen.
  CTGRAD_NOINLINE void finish(T* __restrict factors, T* __restrict logs) const {
    for (Size r = 0; r < columns; ++r) {
      factors[r] = sum[r] == 0 ? T{0} : static_cast<T>(1 / sum[r]);
      logs[r] = maximum[r] + (sum[r] == 0 ? T{0} : kernels::log(static_cast<T>(sum[r])));
    }
  }

 private:
  /// Takes the scores of the lanes from `first` on into the maximum and gives what is subtracted from them:
  /// 0 where no key is seen.
  CTGRAD_INLINE Lanes<T, Tile.lanes> next_maximum(Size first, const T* scores, Size keys) {
    using Vector = Lanes<T, Tile.lanes>;
    const Vector before = Vector::load(maximum + first);
    Vector next = before;
    find_maximum(next, scores, columns, keys);
    next.store(maximum + first);
    next.clear_where_equal(-std::numeric_limits<T>::infinity());
    Vector left = before;
    left.subtract(next);
    exp_nonpositive(left).store(decay + first);
    return next;
  }
};

/// weights [keys, columns] of scores: exp(score - shift), shift being the query's log-sum-exp; slopes [keys,
/// columns], the cotangents of the weights, become those of the scores: scale weight (slope - dot), 0 where
/// the weight is.
template <QueryTile Tile, class T>
CTGRAD_NOINLINE void weights_and_slopes(T* __restrict weights, T* __restrict slopes, const T* shift,
                                        const T* dots, T scale, Size keys) {
  using Vector = Lanes<T, Tile.lanes>;
  constexpr Size columns = Tile.columns();
  for (Size s = 0; s < keys; ++s) {
    CTGRAD_UNROLL
    for (Size j = 0; j < Tile.vectors; ++j) {
      const Size at = s * columns + j * Tile.lanes;
      Vector weight = Vector::load(weights + at);
      weight.subtract(Vector::load(shift + j * Tile.lanes));
      weight = exp_nonpositive(weight);
      weight.store(weights + at);
      Vector slope = Vector::load(slopes + at);
      slope.subtract(Vector::load(dots + j * Tile.lanes));
      slope.multiply(weight);
      slope.multiply(scale);
      slope.clear_where_zero(weight);
      slope.store(slopes + at);
    }
  }
}

}  // namespace ctgrad::kernels
