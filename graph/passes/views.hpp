#pragma once

#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/slice.hpp>

/// Values that lie in the memory of others: where each of their elements is found.
namespace ctgrad::passes {

/// Says whether elements lie one behind the other, as a dense tensor's do; axes of extent 1 have no say.
constexpr bool is_row_major(const Shape& shape, const Shape& strides) {
  Size stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    if (shape.extents[axis] != 1 && strides.extents[axis] != stride) return false;
    stride *= shape.extents[axis];
  }
  return true;
}

/// The one stride from row to row of the last axis, where a single one says it; -1 where none does.
constexpr Size row_stride(const Shape& shape, const Shape& strides) {
  Size stride = 0;
  Size rows = 1;
  for (int axis = shape.rank - 2; axis >= 0; --axis) {
    if (shape.extents[axis] == 1) continue;
    if (rows == 1) stride = strides.extents[axis];
    if (strides.extents[axis] != stride * rows) return -1;
    rows *= shape.extents[axis];
  }
  return stride;
}

/// [4, 6] with strides 6, 1 under the shape [2, 2, 6]  ->  strides 12, 6, 1: the strides of a reshaped value.
/// Says whether there are such; neighbouring axes join where the outer stride spans the inner axis.
constexpr bool reshape_strides(const Shape& from, const Shape& strides, const Shape& to, Shape& result) {
  result = row_major_strides(to);
  if (to.size() <= 1 || is_row_major(from, strides)) return true;
  int axis = 0;
  int next = 0;
  while (next < to.rank) {
    Size extent = to[next];
    int end = next + 1;
    if (extent == 1) {
      next = end;
      continue;
    }
    while (from[axis] == 1) ++axis;
    int last = axis;
    for (Size found = from[axis]; found != extent;) {
      if (found > extent) {
        extent *= to[end++];
        continue;
      }
      const int inner = ++last;
      if (from[inner] == 1) continue;
      if (strides[axis] != strides[inner] * from[inner]) return false;
      axis = inner;
      found *= from[inner];
    }
    Size stride = strides[axis];
    for (int k = end - 1; k >= next; --k) {
      result[k] = stride;
      stride *= to[k];
    }
    axis = last + 1;
    next = end;
  }
  return true;
}

/// Says whether a value can be read where its operand lies.
constexpr bool is_view_operation(const Node& node) {
  const Operation* op = node.operation;
  return op->is_view || op == &operation<ops::Broadcast> || op == &operation<ops::Permute> ||
         op == &operation<ops::Slice>;
}

/// The strides of a view from those of its operand, of shape `from`; says whether there are such.
constexpr bool view_strides(const Node& node, const Shape& from, const Shape& strides, Shape& result) {
  const Shape& shape = node.type.shape;
  result = strides;
  if (node.operation == &operation<ops::Broadcast>) {
    for (int axis = 0; axis < shape.rank; ++axis) {
      if (from.extents[axis] != shape.extents[axis]) result.extents[axis] = 0;
    }
  } else if (node.operation == &operation<ops::Permute>) {
    for (int axis = 0; axis < shape.rank; ++axis)
      result.extents[axis] = strides.extents[node.attributes.integers[axis]];
  } else if (!(from == shape) && node.operation != &operation<ops::Slice>) {
    return reshape_strides(from, strides, shape, result);
  }
  return true;
}

/// The strides of a value that lies in the memory of the node `root`, which is a splat if
/// `splat`.
template <class G>
constexpr Shape strides_within(const G& graph, std::int32_t id, std::int32_t root, bool splat) {
  const Node& node = graph[id];
  if (id == root) return splat ? Shape{{}, node.type.shape.rank} : row_major_strides(node.type.shape);
  const std::int32_t operand = node.operands[0];
  Shape strides;
  view_strides(node, graph[operand].type.shape, strides_within(graph, operand, root, splat), strides);
  return strides;
}

}  // namespace ctgrad::passes
