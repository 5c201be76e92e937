#pragma once

#include <support/random_graph/pool.hpp>

/// Rules that apply matrix products, operations on rows, attention and what joins these.
namespace ctgrad::test::rules {

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

/// Of rows that are nowhere near 0.
template <class Op>
constexpr Entry of_long_rows(Pool& pool) {
  const Entry x = pool.rows();
  if (x.absent()) return x;
  const Entry positive = pool.positive(x);
  return {emit<Op>(positive.value), positive.bound * static_cast<double>(x.shape().last())};
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
  return {ops::result(emit_on<ops::Attention>(form.attributes(), operands), 0), x.bound};
}

}  // namespace ctgrad::test::rules
