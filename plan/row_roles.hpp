#pragma once

#include <ctgrad/graph/graph.hpp>

/// What nodes do along the rows of a shape [rows..., width].
namespace ctgrad::plan {

/// The part that a node has in a kernel that works through rows of the shape `full` = [rows..., width]. In
/// y = x - sum(x, last), the sum is a fold and the subtraction is full.
enum class RowRole : std::uint8_t {
  none,
  full,       ///< [rows..., width], element by element
  narrow,     ///< [rows..., 1], element by element: one number a row
  fold,       ///< [rows..., width] -> [rows..., 1], element after element
  map,        ///< [rows..., width] -> [rows..., width], by whole rows
  reduction,  ///< [rows..., width] -> [rows..., 1], by whole rows
  columns,    ///< [rows..., width] -> [1..., width], row after row
};

/// Says whether a shape is [rows..., 1] where `full` is [rows..., width].
constexpr bool is_narrowed(const Shape& shape, const Shape& full) {
  if (shape.rank != full.rank || shape.extents[full.rank - 1] != 1) return false;
  for (int axis = 0; axis < full.rank - 1; ++axis) {
    if (shape.extents[axis] != full.extents[axis]) return false;
  }
  return true;
}

/// Says whether a node repeats its operand's one number per row along that row.
constexpr bool repeats_numbers(const Node& node, const Shape& operand) {
  const Shape& shape = node.type.shape;
  return node.operation->repeats && shape.rank > 0 && shape.extents[shape.rank - 1] != 1 &&
         is_narrowed(operand, shape);
}

/// The role of a node that reduces the shape `full` to the shape `result`.
constexpr RowRole role_of_reduction(const Shape& result, const Shape& full) {
  if (is_narrowed(result, full)) return RowRole::fold;
  for (int axis = 0; axis < full.rank - 1; ++axis) {
    if (result.extents[axis] != 1) return RowRole::none;
  }
  return result.last() == full.last() ? RowRole::columns : RowRole::none;
}

/// The role of a node in a kernel that works through rows of the shape `full`.
template <class G>
constexpr RowRole row_role(const G& graph, std::int32_t id, const Shape& full) {
  const Node& node = graph[id];
  if (full.rank == 0 || full.extents[full.rank - 1] <= 1 || node.type.kind == Kind::index)
    return RowRole::none;
  const Shape& shape = node.type.shape;
  const RowWork work = node.operation->row_work;
  if (work != RowWork::none) {
    if (!(graph[node.operands[0]].type.shape == full)) return RowRole::none;
    if (work == RowWork::fold) return role_of_reduction(shape, full);
    return work == RowWork::map ? RowRole::map : RowRole::reduction;
  }
  if (!node.operation->works_by_elements()) return RowRole::none;
  if (shape == full) return RowRole::full;
  return is_narrowed(shape, full) ? RowRole::narrow : RowRole::none;
}

}  // namespace ctgrad::plan
