#pragma once

#include <ctgrad/graph/graph.hpp>

/// Views: values that lie in the memory of another node, and the strides that lead to their elements.
namespace ctgrad::plan {

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

/// Says whether a node can be a view: it takes its operand's elements as they are, in some order.
constexpr bool is_view_operation(const Node& node) { return node.operation->view_strides != nullptr; }

/// Finds the strides of a view from its operand's shape `from` and strides, and says whether there are any.
constexpr bool view_strides(const Node& node, const Shape& from, const Shape& strides, Shape& result) {
  return node.operation->view_strides({from, strides, node.type.shape, node.attributes}, result);
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

}  // namespace ctgrad::plan
