#pragma once

#include <support/random_graph/pool.hpp>

/// Rules that apply reductions and layouts.
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

}  // namespace ctgrad::test::rules
