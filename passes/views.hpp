#pragma once

#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/slice.hpp>

/// Views: values that lie in the memory of another node, and the strides that lead to their elements.
namespace ctgrad::passes {

/// Says whether these strides are those of a dense tensor of that shape. Axes of extent 1 may have any.
constexpr bool is_row_major(const Shape& shape, const Shape& strides) {
  Size stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    if (shape.extents[axis] != 1 && strides.extents[axis] != stride) return false;
    stride *= shape.extents[axis];
  }
  return true;
}

/// The distance from each row of the last axis to the next, leading axes taken together; -1 if it differs
/// from row to row. [2, 3, 4] with strides 12, 4, 1  ->  4
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

/// Finds the strides of a value of the shape `from` that is reshaped to `to`, and says whether there are any.
/// [4, 6] with strides 6, 1 as [2, 2, 6]  ->  12, 6, 1. Neighbouring axes can be joined only where the outer
/// one's stride is the inner one's times its extent.
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

/// Says whether a node can be a view: it takes its operand's elements as they are, in some order.
constexpr bool is_view_operation(const Node& node) {
  const Operation* op = node.operation;
  return op->is_view || op == &operation<ops::Broadcast> || op == &operation<ops::Permute> ||
         op == &operation<ops::Slice>;
}

/// Finds the strides of a view from its operand's shape `from` and strides, and says whether there are any.
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

/// The strides through which a node is read in the memory of `root`, its operand's operand's ... operand or
/// itself. They are 0 if the root is a splat.
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
