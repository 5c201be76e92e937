#pragma once

#include <support/random_graph/elementwise.hpp>

/// Rules that apply reductions, layouts, matrix products, operations on rows and operations on ids.
namespace ctgrad::test::rules {

/// Random axes, marked: of `x` those of any extent, or only those with elements.
constexpr void mark_axes(Pool& pool, const Shape& shape, bool (&axes)[max_rank], bool with_elements) {
  for (int axis = 0; axis < shape.rank; ++axis)
    axes[axis] = pool.one_in(2) && (shape[axis] > 0 || !with_elements);
}

constexpr Entry summed(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  bool axes[max_rank] = {};
  mark_axes(pool, x.shape(), axes, false);
  return {ops::sum(x.value, axes), x.bound * static_cast<double>(std::max<Size>(x.shape().size(), 1))};
}

constexpr Entry largest(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  bool axes[max_rank] = {};
  mark_axes(pool, x.shape(), axes, true);
  return {ops::max(x.value, axes), x.bound};
}

// Layout

constexpr Entry broadcasted(Pool& pool) {
  const Entry x = pool.any([](const Entry&) { return true; });
  if (x.absent()) return x;
  Shape shape;
  if (x.shape().rank < Pool::most_axes && pool.one_in(3)) shape.push_back(1 + pool.below(3));
  for (int axis = 0; axis < x.shape().rank; ++axis)
    shape.push_back(x.shape()[axis] == 1 ? 1 + pool.below(4) : x.shape()[axis]);
  if (!pool.fits(shape)) return {};
  return {ops::broadcast_to(x.value, shape), x.bound};
}

/// One axis, one more of extent 1, or two neighbours merged.
constexpr Entry reshaped(Pool& pool) {
  const Entry x = pool.any([](const Entry&) { return true; });
  if (x.absent()) return x;
  const Shape from = x.shape();
  const int form = pool.below(3);
  if (form == 0) return {ops::reshape(x.value, shape_of(from.size())), x.bound};
  const int at = pool.below(from.rank + 1);
  Shape to;
  for (int axis = 0; axis < from.rank; ++axis) {
    if (form == 1 && axis == at && from.rank < Pool::most_axes) to.push_back(1);
    if (form == 2 && axis == at && axis > 0) {
      to[axis - 1] *= from[axis];
    } else {
      to.push_back(from[axis]);
    }
  }
  return {ops::reshape(x.value, to), x.bound};
}

constexpr Entry permuted(Pool& pool) {
  const Entry x = pool.any([](const Entry& y) { return y.shape().rank >= 2; });
  if (x.absent()) return x;
  std::int32_t order[max_rank] = {};
  for (int axis = 0; axis < max_rank; ++axis) order[axis] = axis;
  for (int axis = x.shape().rank; axis > 1; --axis) std::swap(order[axis - 1], order[pool.below(axis)]);
  return {ops::permute(x.value, order), x.bound};
}

constexpr Entry sliced(Pool& pool) {
  const Entry x = pool.any([](const Entry& y) { return y.shape().size() > 1; });
  if (x.absent()) return x;
  std::int32_t begin[max_rank] = {};
  Shape box = x.shape();
  for (int axis = 0; axis < box.rank; ++axis) {
    begin[axis] = pool.below(box[axis]);
    box[axis] = 1 + pool.below(box[axis] - begin[axis]);
  }
  return {ops::slice(x.value, begin, box), x.bound};
}

constexpr Entry padded(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  std::int32_t begin[max_rank] = {};
  Shape shape = x.shape();
  for (int axis = 0; axis < shape.rank; ++axis) {
    begin[axis] = pool.below(2);
    shape[axis] += begin[axis] + pool.below(2);
  }
  if (!pool.fits(shape)) return {};
  return {ops::pad(x.value, begin, shape), x.bound};
}

constexpr Entry concatenated(Pool& pool) {
  const Entry x = pool.any([](const Entry& y) { return y.shape().rank >= 1; });
  if (x.absent()) return x;
  const int axis = pool.below(x.shape().rank);
  const Entry y = pool.find(x.value.kind(), [&](const Entry& other) {
    if (other.shape().rank <= axis) return false;
    Shape like = other.shape();
    like[axis] = x.shape()[axis];
    return like == x.shape() && pool.fits(ops::concatenated_shape(x.shape(), other.shape(), axis));
  });
  if (y.absent()) return {};
  return {ops::concatenate(x.value, y.value, axis), std::max(x.bound, y.bound)};
}

// Matrices and rows

/// In every combination of transposes, known to the product or left to it as a permutation.
constexpr Entry multiplied(Pool& pool) {
  Entry x = pool.rows();
  if (x.absent()) return x;
  if (x.shape().rank == 1) x.value = ops::reshape(x.value, shape_of(1, x.shape().last()));
  const int rank = x.shape().rank;
  const bool transpose_left = pool.one_in(2);
  const bool transpose_right = pool.one_in(2);
  Shape other = x.shape();
  const Size inner = other[rank - (transpose_left ? 2 : 1)];
  const Size columns = 1 + pool.below(3);
  other[rank - 2] = transpose_right ? columns : inner;
  other[rank - 1] = transpose_right ? inner : columns;
  if (!pool.fits(other)) return {};
  Entry y = pool.find(Kind::real, [&](const Entry& found) { return found.shape() == other; });
  if (y.absent()) y = pool.real_leaf(other);
  const double bound = x.bound * y.bound * static_cast<double>(std::max<Size>(inner, 1));
  if (pool.one_in(2)) return {ops::matmul(y.value, x.value, !transpose_right, !transpose_left), bound};
  return {ops::matmul(x.value, y.value, transpose_left, transpose_right), bound};
}

template <class Op>
constexpr Entry of_rows(Pool& pool) {
  const Entry x = pool.rows();
  return x.absent() ? x : Entry{emit<Op>(x.value), 2 * x.bound + 2};
}

template <class Op>
constexpr Entry normalized(Pool& pool) {
  const Entry x = pool.rows();
  Attributes epsilon;
  epsilon.value = 0.25;
  return x.absent() ? x : Entry{emit<Op>(epsilon, x.value), 4};
}

/// A key from the pool, at times folded.
constexpr Value key(Pool& pool) {
  const Value from = pool.ids(shape_of(4), 8).value;
  if (pool.one_in(2)) return from;
  return ops::fold_key(from, ops::constant(pool.graph(), pool.below(3), {}, Kind::index));
}

/// Attention of a value over itself, at times masked or with weights dropped: fused, or as plain operations
/// that a pass may fuse.
constexpr Entry attended(Pool& pool) {
  const Entry x =
      pool.find(Kind::real, [](const Entry& y) { return y.shape().rank >= 2 && y.shape().last() > 0; });
  if (x.absent()) return x;
  Shape scores = x.shape();
  scores[scores.rank - 1] = scores[scores.rank - 2];
  if (!pool.fits(scores)) return {};
  ops::AttentionForm form;
  form.scale = 0.25;
  form.fill = pool.one_in(2) ? -1.5 : form.fill;
  form.causal = pool.one_in(3);
  std::vector<Value> operands{x.value, x.value, x.value};
  const Entry mask = pool.mask(scores);
  form.mask = pool.one_in(2) && broadcast_shape(mask.shape(), scores) == scores;
  if (form.mask) operands.push_back(ops::broadcast_to(mask.value, scores));
  form.threshold = pool.one_in(3) ? 0x40000000 : 0;
  if (form.threshold > 0) operands.push_back(key(pool));
  if (pool.one_in(2)) {
    const Value plain = ops::attention_scores(form, operands.data());
    return {ops::matmul(ops::attention_weights(form, operands.data(), plain), x.value), x.bound};
  }
  const Value all = emit_on<ops::Attention>(form.attributes(), operands);
  const std::int32_t begin[max_rank] = {};
  return {ops::reshape(ops::slice(all, begin, shape_of(x.shape().size())), x.shape()), x.bound};
}

// Ids

constexpr Entry gathered(Pool& pool) {
  const Entry table =
      pool.find(Kind::real, [](const Entry& x) { return x.shape().rank >= 1 && x.shape()[0] > 0; });
  if (table.absent()) return {};
  const Entry found = pool.find(Kind::index, [&](const Entry& ids) {
    return ids.bound <= static_cast<double>(table.shape()[0]) &&
           ids.shape().rank + table.shape().rank - 1 <= Pool::most_axes &&
           pool.fits(ops::Gather::rows_shape(table.shape(), ids.shape()));
  });
  const Entry ids = found.absent() ? pool.ids(shape_of(1 + pool.below(3)), table.shape()[0]) : found;
  if (!pool.fits(ops::Gather::rows_shape(table.shape(), ids.shape()))) return {};
  return {ops::gather(table.value, ids.value), table.bound};
}

constexpr Entry scattered(Pool& pool) {
  const Entry rows = pool.real();
  const int id_axes = pool.below(rows.shape().rank + 1);
  Shape ids_shape;
  Shape table = shape_of(1 + pool.below(4));
  for (int axis = 0; axis < rows.shape().rank; ++axis)
    (axis < id_axes ? ids_shape : table).push_back(rows.shape()[axis]);
  if (!pool.fits(table)) return {};
  const Entry ids = pool.ids(ids_shape, table[0]);
  return {ops::scatter_add(rows.value, ids.value, table),
          rows.bound * static_cast<double>(std::max<Size>(ids_shape.size(), 1))};
}

constexpr Entry picked(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  return {ops::pick(x.value, pool.ids(dropped_axis(x.shape(), -1), x.shape().last()).value), x.bound};
}

constexpr Entry placed(Pool& pool) {
  const Entry x = pool.find(Kind::real, [](const Entry& y) { return y.shape().rank < Pool::most_axes; });
  if (x.absent()) return x;
  const Size width = 1 + pool.below(4);
  return {ops::place(x.value, pool.ids(x.shape(), width).value, width), x.bound};
}

constexpr Entry cross_entropies(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  const Entry targets = pool.ids(dropped_axis(x.shape(), -1), x.shape().last());
  return {cross_entropy_rows(x.value, targets.value), 2 * x.bound + 4};
}

/// The cross-entropies of a linear layer, at times weighted, summed: fused, or as plain operations that a
/// pass may fuse.
constexpr Entry linear_cross_entropies(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  const Size vocabulary = 1 + pool.below(4);
  const Shape rows = dropped_axis(x.shape(), -1);
  const auto like = [&](const Shape& shape) {
    const Entry found = pool.find(Kind::real, [&](const Entry& y) { return y.shape() == shape; });
    return found.absent() ? pool.real_leaf(shape) : found;
  };
  if (!pool.fits(shape_of(x.shape().last(), vocabulary)) || !pool.fits(shape_of(rows.size(), vocabulary)))
    return {};
  ops::LinearCrossEntropyForm form;
  form.bias = pool.one_in(2);
  form.weighted = pool.one_in(3);
  const Entry weight = like(shape_of(x.shape().last(), vocabulary));
  std::vector<Value> operands{x.value, weight.value, pool.ids(rows, vocabulary).value};
  double bound = x.bound * weight.bound * static_cast<double>(x.shape().last());
  double of_row = 1;
  if (form.bias) {
    const Entry bias = like(shape_of(vocabulary));
    operands.push_back(bias.value);
    bound += bias.bound;
  }
  if (form.weighted) {
    const Entry row_weights = like(rows);
    operands.push_back(row_weights.value);
    of_row = row_weights.bound;
  }
  bound = static_cast<double>(std::max<Size>(rows.size(), 1)) * of_row * (2 * bound + 2);
  if (pool.one_in(2)) return {ops::linear_cross_entropy_sum(form, operands.data()), bound};
  return {emit_on<ops::LinearCrossEntropy>(form.attributes(), operands), bound};
}

constexpr Entry offset(Pool& pool) {
  const Entry x = pool.find(Kind::index, [](const Entry& ids) { return ids.shape().rank >= 1; });
  if (x.absent()) return x;
  const auto table = static_cast<Size>(x.bound);
  return {ops::offset_ids(x.value, table), static_cast<double>(std::max<Size>(x.shape()[0], 1) * table)};
}

// Randomness

constexpr Entry kept(Pool& pool) {
  const Shape shape = pool.real().shape();
  return {ops::keep_mask(key(pool), 0.25 * pool.below(5), shape)};
}

constexpr Entry dropped(Pool& pool) {
  const Entry x = pool.real();
  return {ops::dropout(x.value, 0.25, key(pool)), 1.5 * x.bound};
}

}  // namespace ctgrad::test::rules

namespace ctgrad::test {

inline constexpr Rule structural_rules[] = {
    rules::summed,
    rules::largest,
    rules::broadcasted,
    rules::reshaped,
    rules::permuted,
    rules::sliced,
    rules::padded,
    rules::concatenated,
    rules::multiplied,
    rules::of_rows<ops::Softmax>,
    rules::of_rows<ops::LogSoftmax>,
    rules::of_rows<ops::LogSumExp>,
    rules::normalized<ops::Normalize>,
    rules::normalized<ops::InverseDeviation>,
    rules::attended,
    rules::gathered,
    rules::scattered,
    rules::picked,
    rules::placed,
    rules::cross_entropies,
    rules::linear_cross_entropies,
    rules::offset,
    rules::kept,
    rules::dropped,
};

}  // namespace ctgrad::test
