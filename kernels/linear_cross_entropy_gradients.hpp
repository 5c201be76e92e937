#pragma once

#include <ctgrad/kernels/linear_cross_entropy.hpp>

/// The gradients of a linear layer and the cross-entropy of its result, in one pass with the loss: three
/// products, one exponential a logit, a chunk of them at a time.
namespace ctgrad::kernels {

/// The rows of a chunk where gradients are wanted, whose exponentials are read again once the sums of rows
/// are known: about 2^19 logits. But all of the weight and of its gradient passes by once a chunk, so of a
/// wide weight as many rows as it has itself, while they take no more than 16 MB.
constexpr Size gradient_chunk_rows(Size rows, Size width, Size vocabulary) {
  vocabulary = std::max(vocabulary, Size{1});
  constexpr Size least = 84;
  const Size most = std::clamp((Size{1} << 22) / vocabulary, least, Size{512});
  return chunk_rows(rows, std::clamp(std::max((Size{1} << 19) / vocabulary, width), least, most));
}

constexpr Size block_count(Size vocabulary) { return (vocabulary + logits_block - 1) / logits_block; }

/// The elements of a chunk's exponentials, [blocks, rows, logits_row], and of their largest logits, [blocks,
/// rows].
constexpr Size chunk_size(Size rows, Size width, Size vocabulary) {
  return block_count(vocabulary) * gradient_chunk_rows(rows, width, vocabulary) * (logits_row + 1);
}

/// Where the results go, and the room that a chunk needs.
template <class T>
struct LinearCrossEntropyCotangents {
  T* x;
  T* weight;
  T* bias;
  T* chunk;
  double* totals;  ///< room [total_count(shape)]
};

/// The rows that are added to the bias' cotangent one after the other, before their sum moves on.
inline constexpr Size bias_block = 64;

/// Whether the bias' cotangent is summed up by so many rows, and those in double.
constexpr bool has_bias_totals(const LinearCrossEntropyShape& s) {
  return s.biased && s.rows > 2 * bias_block;
}

/// The rows that are added to the weight's cotangent one after the other, before their sum moves on.
inline constexpr Size weight_block = 3072;

/// Whether the weight's cotangent is summed up by so many rows, and those in double: where this takes no more
/// memory than x does.
constexpr bool has_weight_totals(const LinearCrossEntropyShape& s) {
  return s.rows > 2 * weight_block && 2 * s.vocabulary <= s.rows;
}

/// The doubles that the gradients need room for: the bias' totals, then the weight's.
constexpr Size total_count(const LinearCrossEntropyShape& s) {
  return (has_bias_totals(s) ? s.vocabulary : 0) + (has_weight_totals(s) ? s.width * s.vocabulary : 0);
}

/// totals += numbers
template <class T>
void add_to_totals(double* __restrict totals, const T* numbers, Size count) {
  for (Size i = 0; i < count; ++i) totals[i] += static_cast<double>(numbers[i]);
}

/// dx [rows, width] += slopes [rows, Columns] weight^T [Columns, width]
template <LinearCrossEntropyShape S, Size Rows, Size Columns, class T>
void add_input_cotangent(T* __restrict dx, const T* slopes, const T* weight, Size rows) {
  constexpr Size panel = tile_columns<T>;
  constexpr Size left_over = S.width % panel;
  alignas(64) T packed[static_cast<std::size_t>(Columns * panel)];
  for (Size k = 0; k + panel <= S.width; k += panel) {
    constexpr TileStrides strides{logits_row, 1, panel, S.width};
    transpose_rows<panel>(packed, weight + k * S.vocabulary, Columns, S.vocabulary, panel);
    product<panel, Rows, strides, true>(dx + k, slopes, packed, rows, Columns);
  }
  if constexpr (left_over > 0) {
    constexpr Size k = S.width - left_over;
    constexpr TileStrides strides{logits_row, 1, left_over, S.width};
    transpose_rows<left_over>(packed, weight + k * S.vocabulary, Columns, S.vocabulary, left_over);
    product<left_over, Rows, strides, true>(dx + k, slopes, packed, rows, Columns);
  }
}

/// dweight [width, Columns] (+)= x^T [width, rows] slopes [rows, Columns]
template <LinearCrossEntropyShape S, Size Columns, bool Accumulate, class T>
void weight_cotangent_panel(T* __restrict dweight, const T* x, const T* slopes, Size rows) {
  constexpr TileStrides strides{1, S.width, logits_row, S.vocabulary};
  for (Size k = 0; k < S.width; ++k) prefetch(dweight + k * S.vocabulary + Columns);
  product<Columns, std::max(S.width, Size{1}), strides, Accumulate>(dweight, x, slopes, S.width, rows);
}
template <LinearCrossEntropyShape S, Size Columns, bool Accumulate, class T>
void weight_cotangent(T* __restrict dweight, const T* x, const T* slopes, Size rows) {
  constexpr Size panel = tile_columns<T>;
  constexpr Size left_over = Columns % panel;
  for (Size j = 0; j + panel <= Columns; j += panel)
    weight_cotangent_panel<S, panel, Accumulate>(dweight + j, x, slopes + j, rows);
  if constexpr (left_over > 0) {
    constexpr Size j = Columns - left_over;
    weight_cotangent_panel<S, left_over, Accumulate>(dweight + j, x, slopes + j, rows);
  }
}

/// The gradients of the weighted sum of losses, in one pass with it; gives that.
template <LinearCrossEntropyShape S, class T>
class LinearCrossEntropyGradients {
 public:
  LinearCrossEntropyGradients(const LinearCrossEntropyCotangents<T>& d,
                              const LinearCrossEntropyOperands<T>& x)
      : d_(d), x_(x) {}

  T run() const {
    std::fill_n(d_.x, S.rows * S.width, T{0});
    if (S.rows == 0) std::fill_n(d_.weight, S.width * S.vocabulary, T{0});
    if (S.biased) std::fill_n(d_.bias, S.vocabulary, T{0});
    std::fill_n(d_.totals, total_count(S), 0.0);
    double sum = 0;
    for (Size row = 0; row < S.rows; row += chunk) {
      const Size rows = std::min(chunk, S.rows - row);
      RunningLoss<chunk, T> running;
      for_each_block<S>([&](auto columns, Size column) { add_block<columns>(running, row, column, rows); });
      sum += chunk_loss<S>(running, x_, row, rows);
      for_each_block<S>([&](auto columns, Size column) {
        turn_to_cotangents<columns>(running, row, column, rows);
        add_input_cotangent<S, tile, columns>(d_.x + row * S.width, exponentials_of(column),
                                              x_.weight + column, rows);
        if (begins_sum(row)) {
          weight_cotangent<S, columns, false>(d_.weight + column, x_.x + row * S.width,
                                              exponentials_of(column), rows);
        } else {
          weight_cotangent<S, columns, true>(d_.weight + column, x_.x + row * S.width,
                                             exponentials_of(column), rows);
        }
      });
      move_to_totals(row + chunk);
    }
    take_totals();
    return static_cast<T>(sum);
  }

 private:
  static constexpr Size chunk = gradient_chunk_rows(S.rows, S.width, S.vocabulary);
  static constexpr Size tile = chunk;

  T* exponentials_of(Size column) const { return d_.chunk + column / logits_block * chunk * logits_row; }
  T* maxima_of(Size column) const {
    return d_.chunk + (block_count(S.vocabulary) * logits_row + column / logits_block) * chunk;
  }

  /// Says whether the weight's cotangent begins anew at a chunk.
  static constexpr bool begins_sum(Size row) {
    return has_weight_totals(S) ? row / chunk % (weight_block / chunk) == 0 : row == 0;
  }
  double* weight_totals() const { return d_.totals + (has_bias_totals(S) ? S.vocabulary : 0); }

  /// Moves sums on that are long enough at row `end`.
  void move_to_totals([[maybe_unused]] Size end) const {
    if constexpr (has_weight_totals(S)) {
      if (begins_sum(end) || end >= S.rows) add_to_totals(weight_totals(), d_.weight, S.width * S.vocabulary);
    }
  }

  void take_totals() const {
    const auto take = [](T* numbers, const double* totals, Size count) {
      for (Size i = 0; i < count; ++i) numbers[i] = static_cast<T>(totals[i]);
    };
    if constexpr (has_bias_totals(S)) take(d_.bias, d_.totals, S.vocabulary);
    if constexpr (has_weight_totals(S)) take(d_.weight, weight_totals(), S.width * S.vocabulary);
  }

  template <Size Columns>
  void add_block(RunningLoss<chunk, T>& running, Size row, Size column, Size rows) const {
    T* logits = exponentials_of(column);
    logits_of_block<S, tile, Columns>(logits, x_, row, column, rows);
    const T* bias = S.biased ? x_.bias + column : nullptr;
    for (Size r = 0; r < rows; ++r) {
      maxima_of(column)[r] =
          running.template add<Columns>(r, logits + r * logits_row, bias, x_.targets[row + r] - column);
    }
  }

  /// What turn_rows_to_cotangents does, for all rows of a chunk.
  template <Size Columns>
  void turn_to_cotangents(const RunningLoss<chunk, T>& running, Size row, Size column, Size rows) const {
    for (Size begin = 0; begin < rows; begin += bias_block) {
      turn_rows_to_cotangents<Columns>(running, row, column, begin, std::min(begin + bias_block, rows));
      if constexpr (has_bias_totals(S)) {
        add_to_totals(d_.totals + column, d_.bias + column, Columns);
        std::fill_n(d_.bias + column, Columns, T{0});
      }
    }
  }

  /// The weighted softmax less the row's weight at its target, the cotangents of the logits, in place of
  /// their exponentials; added to the bias' cotangent.
  template <Size Columns>
  void turn_rows_to_cotangents(const RunningLoss<chunk, T>& running, Size row, Size column, Size begin,
                               Size end) const {
    for (Size r = begin; r < end; ++r) {
      T* __restrict slopes = exponentials_of(column) + r * logits_row;
      if (x_.template is_ignored<S>(row + r)) {
        std::fill_n(slopes, Columns, T{0});
        continue;
      }
      const T weight = x_.template row_weight<S>(row + r);
      const T factor = running.share(r, maxima_of(column)[r]) * weight;
      const Size target = x_.targets[row + r] - column;
      const bool is_here = target >= 0 && target < Columns;
      if constexpr (S.biased) {
        T* __restrict dbias = d_.bias + column;
        const T before = is_here ? dbias[target] : T{0};
        for (Size j = 0; j < Columns; ++j) {
          slopes[j] *= factor;
          dbias[j] += slopes[j];
        }
        if (is_here) dbias[target] = before + (slopes[target] - weight);
      } else {
        for (Size j = 0; j < Columns; ++j) slopes[j] *= factor;
      }
      if (is_here) slopes[target] -= weight;
    }
  }

  LinearCrossEntropyCotangents<T> d_;
  LinearCrossEntropyOperands<T> x_;
};

}  // namespace ctgrad::kernels
