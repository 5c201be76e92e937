#pragma once

#include <ctgrad/kernels/linear_cross_entropy.hpp>

/// The gradients of a linear layer and the cross-entropy of its result, in one pass with the loss: three
/// products, one exponential a logit, a chunk of them at a time.
namespace ctgrad::kernels {

/// The rows of a chunk where gradients are wanted, whose exponentials are read again once the sums of rows
/// are known: about 2^19 logits. But all of the weight and of its gradient passes by once a chunk, so at
/// least 48 rows.
constexpr Size gradient_chunk_rows(Size rows, Size vocabulary) {
  return chunk_rows(rows, std::clamp((Size{1} << 19) / std::max(vocabulary, Size{1}), Size{48}, Size{96}));
}

constexpr Size block_count(Size vocabulary) { return (vocabulary + logits_block - 1) / logits_block; }

/// The elements of a chunk's exponentials, [blocks, rows, logits_row], and of their largest logits, [blocks,
/// rows].
constexpr Size chunk_size(Size rows, Size vocabulary) {
  return block_count(vocabulary) * gradient_chunk_rows(rows, vocabulary) * (logits_row + 1);
}

/// Where the results go, and the room that a chunk needs.
template <class T>
struct LinearCrossEntropyCotangents {
  T* x;
  T* weight;
  T* bias;
  T* chunk;
  double* bias_totals;  ///< room, where there are a bias and several chunks
};

/// Whether the bias' cotangent is summed up by chunks of rows, and those in double.
constexpr bool has_bias_totals(const LinearCrossEntropyShape& shape) {
  return shape.biased && shape.rows > gradient_chunk_rows(shape.rows, shape.vocabulary);
}

/// dx [rows, width] += slopes [rows, Columns] weight^T [Columns, width]
template <LinearCrossEntropyShape S, Size Rows, Size Columns, class T>
void add_input_cotangent(T* __restrict dx, const T* slopes, const T* weight, Size rows) {
  constexpr Size panel = tile_columns<T>;
  constexpr Size left_over = S.width % panel;
  alignas(64) T packed[static_cast<std::size_t>(Columns * panel)];
  for (Size k = 0; k + panel <= S.width; k += panel) {
    constexpr TileSteps steps{logits_row, 1, panel, S.width};
    transpose_rows<panel>(packed, weight + k * S.vocabulary, Columns, S.vocabulary, panel);
    product_rows<panel, Rows, steps, true>(dx + k, slopes, packed, rows, Columns);
  }
  if constexpr (left_over > 0) {
    constexpr Size k = S.width - left_over;
    constexpr TileSteps steps{logits_row, 1, left_over, S.width};
    transpose_rows<left_over>(packed, weight + k * S.vocabulary, Columns, S.vocabulary, left_over);
    product_rows<left_over, Rows, steps, true>(dx + k, slopes, packed, rows, Columns);
  }
}

/// dweight [width, Columns] (+)= x^T [width, rows] slopes [rows, Columns]
template <LinearCrossEntropyShape S, Size Columns, bool Accumulate, class T>
void weight_cotangent_panel(T* __restrict dweight, const T* x, const T* slopes, Size rows) {
  constexpr TileSteps steps{1, S.width, logits_row, S.vocabulary};
  for (Size k = 0; k < S.width; ++k) prefetch(dweight + k * S.vocabulary + Columns);
  product_rows<Columns, std::max(tile_rows(S.width), Size{1}), steps, Accumulate>(dweight, x, slopes, S.width,
                                                                                  rows);
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
    if (has_bias_totals(S)) std::fill_n(d_.bias_totals, S.vocabulary, 0.0);
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
        if (row == 0) {
          weight_cotangent<S, columns, false>(d_.weight + column, x_.x, exponentials_of(column), rows);
        } else {
          weight_cotangent<S, columns, true>(d_.weight + column, x_.x + row * S.width,
                                             exponentials_of(column), rows);
        }
      });
      if (has_bias_totals(S)) move_to_totals();
    }
    if (has_bias_totals(S)) {
      for (Size j = 0; j < S.vocabulary; ++j) d_.bias[j] = static_cast<T>(d_.bias_totals[j]);
    }
    return static_cast<T>(sum);
  }

 private:
  static constexpr Size chunk = gradient_chunk_rows(S.rows, S.vocabulary);
  static constexpr Size tile = tile_rows(chunk);

  T* exponentials_of(Size column) const { return d_.chunk + column / logits_block * chunk * logits_row; }
  T* maxima_of(Size column) const {
    return d_.chunk + (block_count(S.vocabulary) * logits_row + column / logits_block) * chunk;
  }

  /// Adds a chunk's part of the bias' cotangent to those before.
  void move_to_totals() const {
    for (Size j = 0; j < S.vocabulary; ++j) {
      d_.bias_totals[j] += static_cast<double>(d_.bias[j]);
      d_.bias[j] = 0;
    }
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

  /// The weighted softmax less the row's weight at its target, the cotangents of the logits, in place of
  /// their exponentials; added to the bias' cotangent.
  template <Size Columns>
  void turn_to_cotangents(const RunningLoss<chunk, T>& running, Size row, Size column, Size rows) const {
    for (Size r = 0; r < rows; ++r) {
      T* __restrict slopes = exponentials_of(column) + r * logits_row;
      if (x_.template is_ignored<S>(row + r)) {
        std::fill_n(slopes, Columns, T{0});
        continue;
      }
      const T weight = x_.template row_weight<S>(row + r);
      const T factor = running.share(r, maxima_of(column)[r]) * weight;
      for (Size j = 0; j < Columns; ++j) slopes[j] *= factor;
      const Size target = x_.targets[row + r] - column;
      if (target >= 0 && target < Columns) slopes[target] -= weight;
      if constexpr (S.biased) {
        T* __restrict dbias = d_.bias + column;
        for (Size j = 0; j < Columns; ++j) dbias[j] += slopes[j];
      }
    }
  }

  LinearCrossEntropyCotangents<T> d_;
  LinearCrossEntropyOperands<T> x_;
};

}  // namespace ctgrad::kernels
