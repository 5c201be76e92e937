#pragma once

#include <support/random_graph/products.hpp>

/// Rules that apply operations on ids and random keys.
namespace ctgrad::test::rules {

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

constexpr Entry replaced(Pool& pool) {
  const Entry x = pool.find(Kind::index, [](const Entry&) { return true; });
  if (x.absent()) return x;
  return {ops::replace_ids(x.value, pool.below(4), 0), x.bound};
}

// Randomness

constexpr Entry kept(Pool& pool) {
  const Shape shape = pool.real().shape();
  const Value from = key(pool);
  return {ops::keep_mask(from, 0.25 * pool.below(5), shape)};
}

constexpr Entry dropped(Pool& pool) {
  const Entry x = pool.real();
  return {ops::dropout(x.value, 0.25, key(pool)), 1.5 * x.bound};
}

}  // namespace ctgrad::test::rules
