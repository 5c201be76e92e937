#pragma once

#include <ctgrad/kernels/call_part.hpp>
#include <ctgrad/kernels/linear_cross_entropy_gradients.hpp>

/// A linear layer and the cross-entropy of its result by threads that wait for each other between stages.
/// What each element is computed of, and in which order, does not depend on how many there are.
namespace ctgrad::kernels {

/// How many groups of the rows of a chunk threads share: products of many rows are faster.
constexpr Size row_groups(Size rows) { return rows >= 192 ? 8 : 4; }

/// Whether threads can share the loss: the sums of logits must not depend on how many rows are multiplied at
/// once, as they do along a long inner axis.
constexpr bool loss_has_stages(const LinearCrossEntropyShape& s) {
  return s.rows > 0 && s.width <= longest_inner;
}

/// Calls body(count, first row) for this part's groups of the rows of a chunk, `count` a constant.
template <Size Rows, class Body>
void for_each_group(const CallPart& part, const Body& body) {
  constexpr Size size = (Rows + row_groups(Rows) - 1) / row_groups(Rows);
  const Size groups = (Rows + size - 1) / size;
  const Size begin = part.begin(groups), end = part.end(groups);
  Size group = 0;
  for_each_chunk<Rows, size>([&](auto rows, Size row) {
    if (group >= begin && group < end) body(rows, row);
    ++group;
  });
}

/// Whether so many doubles are room for the products of logits of some rows.
template <LinearCrossEntropyShape S, Size Rows>
constexpr bool has_logits_room(Size room) {
  const Size last = S.vocabulary % logits_block, whole = std::min(S.vocabulary, logits_block);
  return scratch_count(logits_product(S, Rows, whole)) <= room &&
         scratch_count(logits_product(S, Rows, last)) <= room;
}

/// The doubles in which threads leave the losses of rows.
constexpr Size shared_loss_room(const LinearCrossEntropyShape& s) { return s.rows; }

/// linear_cross_entropy in two stages: the losses of rows, then their sum, which the first part gives. Room
/// [loss_room(S)] of each part's own; losses [S.rows] of all.
template <LinearCrossEntropyShape S, class T>
void shared_linear_cross_entropy(T* sum, const LinearCrossEntropyOperands<T>& x, const CallPart& part,
                                 double* room, T* losses) {
  constexpr Size chunk = loss_chunk_rows(S.rows);
  T* logits = reinterpret_cast<T*>(room);
  double* product_room = room + loss_logits_count(S);
  double total = 0;
  for_each_chunk<S.rows, chunk>([&](auto of_chunk, Size chunk_begin) {
    if (part.stage == 1) {
      const auto loss_of = [&](Size r) { return losses[chunk_begin + r]; };
      if (part.number == 0) total += chunk_loss<S>(loss_of, x, chunk_begin, of_chunk);
      return;
    }
    for_each_group<of_chunk>(part, [&](auto rows, Size first) {
      RunningLoss<rows, T> running;
      static_assert(has_logits_room<S, rows>(logits_room(S, chunk)));
      const Size row = chunk_begin + first;
      for_each_block<S>([&](auto columns, Size column) {
        logits_of_block<S, rows, columns>(logits, x, row, column, product_room);
        const T* bias = S.biased ? x.bias + column : nullptr;
        for (Size r = 0; r < rows; ++r)
          running.template add<columns>(r, logits + r * logits_row, bias, x.targets[row + r] - column);
      });
      for (Size r = 0; r < rows; ++r) losses[row + r] = running.loss(r);
    });
  });
  if (part.stage == 1 && part.number == 0) *sum = static_cast<T>(total);
}

/// Whether threads can share the gradients: not where sums of the weight's are moved on for all of it either.
constexpr bool has_stages(const LinearCrossEntropyShape& s) {
  return loss_has_stages(s) && !has_weight_totals(s);
}

/// Among how many threads that pays.
constexpr Size gradient_parts(const LinearCrossEntropyShape& s) {
  return has_stages(s) ? std::min(row_groups(gradient_chunk_rows(s)), block_count(s.vocabulary)) : 1;
}

/// Three for each chunk: exponentials by rows, the weight's cotangent by columns, that of x by rows.
constexpr Size stage_count(const LinearCrossEntropyShape& s) {
  const Size chunk = gradient_chunk_rows(s);
  return 3 * ((s.rows + chunk - 1) / chunk);
}

/// The doubles in which threads tell each other what they know of a chunk's rows.
constexpr Size shared_gradients_room(const LinearCrossEntropyShape& s) {
  return (3 * gradient_chunk_rows(s) + 9) / 8 * 8;
}

/// LinearCrossEntropyGradients in stages.
template <LinearCrossEntropyShape S, class T>
class StagedCrossEntropyGradients : LinearCrossEntropyGradients<S, T> {
  using Base = LinearCrossEntropyGradients<S, T>;
  using Base::chunk, Base::d_, Base::x_;

  /// What threads know of a chunk's rows, and the sum of the losses so far.
  struct Shared {
    RunningLoss<Base::chunk, T> running;
    double sum = 0;
  };
  static_assert(sizeof(Shared) <= static_cast<std::size_t>(shared_gradients_room(S)) * sizeof(double));

 public:
  /// Totals are those of all parts, and so is `shared` [shared_gradients_room(S)].
  StagedCrossEntropyGradients(const LinearCrossEntropyCotangents<T>& d,
                              const LinearCrossEntropyOperands<T>& x, T factor, double* shared)
      : Base(d, x, factor), shared_(*reinterpret_cast<Shared*>(shared)) {}

  /// A stage's part; the first one of the last stage gives the sum to `sum`.
  void run(T* sum, const CallPart& part) const {
    Size stage = 0;
    for_each_chunk<S.rows, chunk>([&](auto rows, Size row) {
      if (part.stage == stage) add_exponentials<rows>(part, row);
      if (part.stage == stage + 1) add_to_weight_by_blocks<rows>(part, row);
      if (part.stage == stage + 2) add_to_input_by_rows<rows>(part, row);
      stage += 3;
    });
    if (part.number > 0 || part.stage + 1 < stage) return;
    this->take_totals();
    *sum = static_cast<T>(shared_.sum);
  }

 private:
  template <Size Rows>
  void add_exponentials(const CallPart& part, Size row) const {
    if (part.number == 0 && row == 0) {
      if (S.biased) std::fill_n(d_.bias, S.vocabulary, T{0});
      std::fill_n(d_.totals, total_count(S), 0.0);
      shared_.sum = 0;
    }
    for_each_group<Rows>(part, [&](auto rows, Size first) {
      std::fill_n(d_.x + (row + first) * S.width, rows * S.width, T{0});
      static_assert(has_logits_room<S, rows>(product_room(S)));
      shared_.running.reset(first, rows);
      for_each_block<S>([&](auto columns, Size column) {
        this->template add_block<rows, columns>(shared_.running, row, first, column);
      });
    });
  }

  template <Size Rows>
  void add_to_weight_by_blocks(const CallPart& part, Size row) const {
    if (part.number == 0) shared_.sum += this->template loss_of_chunk<Rows>(shared_.running, row);
    const Size blocks = block_count(S.vocabulary);
    const Size begin = part.begin(blocks) * logits_block, end = part.end(blocks) * logits_block;
    if (begin == end) return;
    const T* packed = this->template packed_input<Rows>(row);
    for_each_block<S>([&](auto columns, Size column) {
      if (column < begin || column >= end) return;
      this->template turn_to_cotangents<columns>(shared_.running, row, column, Rows);
      this->template add_to_weight<Rows, columns>(row, column, packed);
    });
  }

  template <Size Rows>
  void add_to_input_by_rows(const CallPart& part, Size row) const {
    for_each_group<Rows>(part, [&](auto rows, Size first) {
      for_each_block<S>(
          [&](auto columns, Size column) { this->template add_to_input<rows, columns>(row, first, column); });
    });
  }

  Shared& shared_;
};

}  // namespace ctgrad::kernels
