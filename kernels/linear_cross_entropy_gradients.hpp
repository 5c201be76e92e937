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
  double* totals;  ///< [total_count(shape)]
  double* room;    ///< [gradients_room(shape)]
};

/// The rows that are added up one after the other, before their sum is added to a cotangent.
inline constexpr Size row_block = 96;

/// Whether the bias' cotangent is summed up by so many rows, and those in double.
constexpr bool has_bias_totals(const LinearCrossEntropyShape& s) {
  return s.biased && s.rows > 2 * row_block;
}

/// The rows whose sums are added to the weight's cotangent, before it moves on.
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

/// The product that is added to dx [rows, width]: slopes [rows, columns] weight^T [columns, width].
constexpr MatmulShape input_product(const LinearCrossEntropyShape& s, Size rows, Size columns) {
  return {.rows = rows,
          .columns = s.width,
          .inner = columns,
          .transpose_right = true,
          .left_stride = logits_row,
          .right_stride = s.vocabulary,
          .accumulate = true,
          .chain = columns};
}

/// The product that gives dweight [width, columns], or is added to it: x^T [width, rows] slopes [rows,
/// columns].
constexpr MatmulShape weight_product(const LinearCrossEntropyShape& s, Size rows, Size columns,
                                     bool accumulate) {
  return {.rows = s.width,
          .columns = columns,
          .inner = rows,
          .transpose_left = true,
          .right_stride = logits_row,
          .accumulate = accumulate,
          .result_stride = s.vocabulary,
          .chain = row_block};
}

constexpr Size gradient_chunk_rows(const LinearCrossEntropyShape& s) {
  return gradient_chunk_rows(s.rows, s.width, s.vocabulary);
}

/// The doubles that a chunk of x takes packed for the weight's products.
constexpr Size packed_input_count(const LinearCrossEntropyShape& s) {
  return most_of_blocks(s, gradient_chunk_rows(s), [&](Size rows, Size columns) {
    return packed_left_count(weight_product(s, rows, columns, true));
  });
}

/// The doubles that a product needs room for.
constexpr Size product_room(const LinearCrossEntropyShape& s) {
  return most_of_blocks(s, gradient_chunk_rows(s), [&](Size rows, Size columns) {
    return std::max({scratch_count(logits_product(s, rows, columns)),
                     scratch_count(input_product(s, rows, columns)),
                     scratch_count(weight_product(s, rows, columns, true))});
  });
}

/// The doubles that the gradients need room for beside totals: a packed chunk of x, what a product needs.
constexpr Size gradients_room(const LinearCrossEntropyShape& s) {
  return packed_input_count(s) + product_room(s);
}

/// The gradients of the weighted sum of losses times a factor, in one pass with that sum, which run() gives.
template <LinearCrossEntropyShape S, class T>
class LinearCrossEntropyGradients {
 public:
  LinearCrossEntropyGradients(const LinearCrossEntropyCotangents<T>& d,
                              const LinearCrossEntropyOperands<T>& x, T factor = 1)
      : d_(d), x_(x), factor_(factor) {}

  T run() const {
    std::fill_n(d_.x, S.rows * S.width, T{0});
    if (S.rows == 0) std::fill_n(d_.weight, S.width * S.vocabulary, T{0});
    if (S.biased) std::fill_n(d_.bias, S.vocabulary, T{0});
    std::fill_n(d_.totals, total_count(S), 0.0);
    double sum = 0;
    for_each_chunk<S.rows, chunk>([&](auto rows, Size row) { sum += add_chunk<rows>(row); });
    take_totals();
    return static_cast<T>(sum);
  }

 protected:
  static constexpr Size chunk = gradient_chunk_rows(S);

  /// The gradients of the rows from `row` on; gives the sum of their losses.
  template <Size Rows>
  double add_chunk(Size row) const {
    RunningLoss<chunk, T> running;
    for_each_block<S>([&](auto columns, Size column) { add_block<Rows, columns>(running, row, 0, column); });
    const double sum = loss_of_chunk<Rows>(running, row);
    const T* packed = packed_input<Rows>(row);
    for_each_block<S>([&](auto columns, Size column) {
      turn_to_cotangents<columns>(running, row, column, Rows);
      add_to_input<Rows, columns>(row, 0, column);
      add_to_weight<Rows, columns>(row, column, packed);
    });
    move_to_totals(row + chunk);
    return sum;
  }

  template <Size Rows>
  double loss_of_chunk(const RunningLoss<chunk, T>& running, Size row) const {
    return chunk_loss<S>([&](Size r) { return running.loss(r); }, x_, row, Rows);
  }

  /// A chunk of x, packed for the weight's products where this pays.
  template <Size Rows>
  const T* packed_input(Size row) const {
    T* packed = reinterpret_cast<T*>(d_.room);
    pack_left<weight_product(S, Rows, std::min(S.vocabulary, logits_block), true)>(packed,
                                                                                   x_.x + row * S.width);
    return packed;
  }

  /// Room for a product.
  double* room() const { return d_.room + packed_input_count(S); }

  /// What a block adds to the cotangent of the rows of x from `first` on of the chunk at `row`.
  template <Size Rows, Size Columns>
  void add_to_input(Size row, Size first, Size column) const {
    matmul<input_product(S, Rows, Columns)>(d_.x + (row + first) * S.width,
                                            exponentials_of(column) + first * logits_row, x_.weight + column,
                                            room());
  }

  /// The weight's cotangent of a block, of x packed where this pays.
  template <Size Rows, Size Columns>
  void add_to_weight(Size row, Size column, const T* packed) const {
    if (begins_sum(row)) {
      add_to_weight<Rows, Columns, false>(row, column, packed);
    } else {
      add_to_weight<Rows, Columns, true>(row, column, packed);
    }
  }
  template <Size Rows, Size Columns, bool Accumulate>
  void add_to_weight(Size row, Size column, const T* packed) const {
    matmul_packed<weight_product(S, Rows, Columns, Accumulate)>(d_.weight + column, x_.x + row * S.width,
                                                                packed, exponentials_of(column), room());
  }

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

  /// The exponentials of the rows from `first` on of the chunk at `row`.
  template <Size Rows, Size Columns>
  void add_block(RunningLoss<chunk, T>& running, Size row, Size first, Size column) const {
    T* logits = exponentials_of(column) + first * logits_row;
    logits_of_block<S, Rows, Columns>(logits, x_, row + first, column, room());
    const T* bias = S.biased ? x_.bias + column : nullptr;
    for (Size r = first; r < first + Rows; ++r, logits += logits_row)
      maxima_of(column)[r] = running.template add<Columns>(r, logits, bias, x_.targets[row + r] - column);
  }

  /// What turn_rows_to_cotangents does, for all rows of a chunk.
  template <Size Columns>
  void turn_to_cotangents(const RunningLoss<chunk, T>& running, Size row, Size column, Size rows) const {
    for (Size begin = 0; begin < rows; begin += row_block) {
      turn_rows_to_cotangents<Columns>(running, row, column, begin, std::min(begin + row_block, rows));
      if constexpr (has_bias_totals(S)) {
        add_to_totals(d_.totals + column, d_.bias + column, Columns);
        std::fill_n(d_.bias + column, Columns, T{0});
      }
    }
  }

  /// The weighted softmax less the row's weight at its target, times the factor: the cotangents of the
  /// logits, in place of their exponentials; added to the bias' cotangent.
  template <Size Columns>
  void turn_rows_to_cotangents(const RunningLoss<chunk, T>& running, Size row, Size column, Size begin,
                               Size end) const {
    for (Size r = begin; r < end; ++r) {
      T* __restrict slopes = exponentials_of(column) + r * logits_row;
      if (x_.template is_ignored<S>(row + r)) {
        std::fill_n(slopes, Columns, T{0});
        continue;
      }
      const T weight = x_.template row_weight<S>(row + r) * factor_;
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
  T factor_;
};

}  // namespace ctgrad::kernels
