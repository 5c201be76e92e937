#pragma once

#include <ctgrad/kernels/matmul.hpp>
#include <ctgrad/kernels/rows.hpp>

/// A linear layer and the cross-entropy of its result without the logits: chunks of rows over blocks of the
/// vocabulary.
namespace ctgrad::kernels {

/// The extents of x [rows, width], weight [width, vocabulary] and what belongs to them.
struct LinearCrossEntropyShape {
  Size rows = 0;
  Size width = 0;
  Size vocabulary = 0;
  bool biased = false;    ///< there is a bias [vocabulary]
  bool weighted = false;  ///< there are weights [rows] of the rows
  bool ignores = false;   ///< a row of weight 0 counts for nothing, whatever its logits hold
};

template <class T>
struct LinearCrossEntropyOperands {
  const T* x;
  const T* weight;
  const std::int32_t* targets;
  const T* bias;
  const T* row_weights;

  template <LinearCrossEntropyShape S>
  T row_weight(Size row) const {
    return S.weighted ? row_weights[row] : T{1};
  }
  template <LinearCrossEntropyShape S>
  bool is_ignored(Size row) const {
    return S.weighted && S.ignores && row_weights[row] == 0;
  }
};

/// Columns of the logits that are worked on at once.
inline constexpr Size logits_block = 256;
/// Between rows of a block: a cache line more, so that rows share no cache set.
inline constexpr Size logits_row = logits_block + 16;

/// Calls body(columns, first column) for every block of the vocabulary, `columns` a constant.
template <LinearCrossEntropyShape S, class Body>
void for_each_block(Body body) {
  constexpr Size last = S.vocabulary % logits_block;
  for (Size v = 0; v + logits_block <= S.vocabulary; v += logits_block)
    body(std::integral_constant<Size, logits_block>{}, v);
  if constexpr (last > 0) body(std::integral_constant<Size, last>{}, S.vocabulary - last);
}

/// The product that gives the logits of `rows` rows and `columns` words.
constexpr MatmulShape logits_product(const LinearCrossEntropyShape& s, Size rows, Size columns) {
  return {.rows = rows,
          .columns = columns,
          .inner = s.width,
          .right_stride = s.vocabulary,
          .result_stride = logits_row};
}

/// logits [Rows, Columns] of the block that begins at row `row` of x and at column `column` of the weight.
/// Room [logits_room(S, chunk)] for its product.
template <LinearCrossEntropyShape S, Size Rows, Size Columns, class T>
void logits_of_block(T* logits, const LinearCrossEntropyOperands<T>& x, Size row, Size column, double* room) {
  matmul<logits_product(S, Rows, Columns)>(logits, x.x + row * S.width, x.weight + column, room);
}

/// x += bias, if there is one; gives the largest element. NaN may go unseen.
template <Size Columns, class T>
T add_bias(T* __restrict x, const T* bias) {
  if (bias != nullptr) {
    for (Size j = 0; j < Columns; ++j) x[j] += bias[j];
  }
  return largest_of_row<Columns, LargerNumber>(x);
}

/// x = exp(x - shift) where no x is beyond the shift; gives the sum.
template <Size Columns, class T>
T exponentials(T* x, T shift) {
  return sum_of_exponentials<Columns>(
      x, shift, [x](const auto& part, auto where) CTGRAD_INLINED { store_part(x, part, where); });
}

/// What is known of the rows of a chunk after some blocks: the largest logit, the sum of exponentials below
/// it, the target's logit.
template <Size Rows, class T>
struct RunningLoss {
  T maximum[static_cast<std::size_t>(Rows)];
  double sum[static_cast<std::size_t>(Rows)];  ///< of many blocks
  T target[static_cast<std::size_t>(Rows)];

  RunningLoss() { reset(0, Rows); }

  /// Nothing is known of so many rows.
  void reset(Size first, Size rows) {
    std::fill_n(maximum + first, rows, -std::numeric_limits<T>::infinity());
    std::fill_n(sum + first, rows, 0.0);
    std::fill_n(target + first, rows, T{0});
  }

  static T shift_of(T most) { return most == -std::numeric_limits<T>::infinity() ? T{0} : most; }
  /// exp(below): 1 of the one of two maxima that is the larger.
  static T factor_of(T below) { return below == 0 ? T{1} : kernels::exp(below); }

  /// Turns a row of logits [Columns] into exp(logit - largest of them); gives that.
  template <Size Columns>
  T add(Size row, T* logits, const T* bias, Size target_column) {
    const T most = add_bias<Columns>(logits, bias);
    if (target_column >= 0 && target_column < Columns) target[row] = logits[target_column];
    const T next = std::max(maximum[row], most);
    const T found = exponentials<Columns>(logits, shift_of(most)) * factor_of(most - shift_of(next));
    sum[row] =
        sum[row] * static_cast<double>(factor_of(maximum[row] - shift_of(next))) + static_cast<double>(found);
    maximum[row] = next;
    return most;
  }

  /// What exp(logit - most) is to be multiplied by for the softmax.
  T share(Size row, T most) const {
    return sum[row] == 0 ? T{0} : kernels::exp(most - shift_of(maximum[row])) / static_cast<T>(sum[row]);
  }

  /// -log softmax(logits)[target]
  T loss(Size row) const {
    return (maximum[row] - target[row]) + (sum[row] == 0 ? T{0} : kernels::log(static_cast<T>(sum[row])));
  }
};

/// The weighted sum of the losses of a chunk's rows, of which loss_of(r) is the loss of number r.
template <LinearCrossEntropyShape S, class T, class LossOf>
double chunk_loss(const LossOf& loss_of, const LinearCrossEntropyOperands<T>& x, Size row, Size rows) {
  double sum = 0;
  for (Size r = 0; r < rows; ++r) {
    if (x.template is_ignored<S>(row + r)) continue;
    sum += static_cast<double>(x.template row_weight<S>(row + r) * loss_of(r));
  }
  return sum;
}

/// How many of `rows` to take at once, at most `most`, so that chunks are of nearly equal size. It has
/// nothing to do with the width of vectors, and so have the sums over chunks.
constexpr Size chunk_rows(Size rows, Size most) {
  const Size chunks = std::max((rows + most - 1) / most, Size{1});
  return std::max((rows + chunks - 1) / chunks, Size{1});
}

/// Calls body(count, first row) for the chunks of all rows, `count` a constant.
template <Size Rows, Size Chunk, class Body>
void for_each_chunk(const Body& body) {
  constexpr Size last = Rows % Chunk;
  for (Size row = 0; row + Chunk <= Rows; row += Chunk) body(std::integral_constant<Size, Chunk>{}, row);
  if constexpr (last > 0) body(std::integral_constant<Size, last>{}, Rows - last);
}

/// The most that count(rows, columns) gives for the blocks of all chunks.
template <class Count>
constexpr Size most_of_blocks(const LinearCrossEntropyShape& s, Size chunk, const Count& count) {
  Size most = 0;
  for (const Size rows : {std::min(chunk, s.rows), s.rows % chunk}) {
    for (const Size columns : {std::min(logits_block, s.vocabulary), s.vocabulary % logits_block})
      most = std::max(most, count(rows, columns));
  }
  return most;
}

/// The doubles that the products of logits need room for.
constexpr Size logits_room(const LinearCrossEntropyShape& s, Size chunk) {
  return most_of_blocks(
      s, chunk, [&](Size rows, Size columns) { return scratch_count(logits_product(s, rows, columns)); });
}

/// The rows of a chunk where the loss alone is wanted. All of the weight passes by once for each of them, and
/// their logits of one block stay in the second-level cache.
constexpr Size loss_chunk_rows(Size rows) { return chunk_rows(rows, 252); }

/// The doubles that a chunk's logits of one block take, whatever their element type.
constexpr Size loss_logits_count(const LinearCrossEntropyShape& s) {
  return loss_chunk_rows(s.rows) * logits_row;
}

/// The doubles that the loss needs room for, whatever its element type: logits, then what a product needs.
constexpr Size loss_room(const LinearCrossEntropyShape& s) {
  return loss_logits_count(s) + logits_room(s, loss_chunk_rows(s.rows));
}

/// The weighted sum of -log softmax(x weight + bias)[target] over the rows. Room [loss_room(S)].
template <LinearCrossEntropyShape S, class T>
T linear_cross_entropy(const LinearCrossEntropyOperands<T>& x, double* room) {
  constexpr Size chunk = loss_chunk_rows(S.rows);
  T* logits = reinterpret_cast<T*>(room);
  room += loss_logits_count(S);
  double sum = 0;
  for_each_chunk<S.rows, chunk>([&](auto rows, Size row) {
    RunningLoss<chunk, T> running;
    for_each_block<S>([&](auto columns, Size column) {
      logits_of_block<S, rows, columns>(logits, x, row, column, room);
      const T* bias = S.biased ? x.bias + column : nullptr;
      for (Size r = 0; r < rows; ++r)
        running.template add<columns>(r, logits + r * logits_row, bias, x.targets[row + r] - column);
    });
    sum += chunk_loss<S>([&](Size r) { return running.loss(r); }, x, row, rows);
  });
  return static_cast<T>(sum);
}

}  // namespace ctgrad::kernels
