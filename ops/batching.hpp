#pragma once

#include <ctgrad/ops/batch.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/embedding.hpp>
#include <ctgrad/ops/matmul.hpp>
#include <ctgrad/ops/max.hpp>
#include <ctgrad/ops/offset_ids.hpp>
#include <ctgrad/ops/pad.hpp>
#include <ctgrad/ops/reduction.hpp>
#include <ctgrad/ops/sum.hpp>

/// The batching rules of operations whose attributes name axes, shapes or rows. Every other operation is the
/// same on operands with the added axis.
namespace ctgrad::ops {

constexpr Value Broadcast::batch(const BatchArguments& b) {
  return emit_batched(b, with_leading_axis(b, b.node.attributes));
}

constexpr Value Reshape::batch(const BatchArguments& b) {
  return emit_batched(b, with_leading_axis(b, b.node.attributes));
}

constexpr Value Slice::batch(const BatchArguments& b) {
  return emit_batched(b, with_leading_axis(b, shifted_axes(b.node.attributes, 0)));
}

constexpr Value Pad::batch(const BatchArguments& b) {
  return emit_batched(b, with_leading_axis(b, shifted_axes(b.node.attributes, 0)));
}

constexpr Value Permute::batch(const BatchArguments& b) {
  Attributes order = shifted_axes(b.node.attributes, 0);
  for (int axis = 1; axis <= b.node.type.shape.rank; ++axis) ++order.integers[axis];
  return emit_batched(b, order);
}

constexpr Value batch_of_reduction(const BatchArguments& b) {
  return emit_batched(b, shifted_axes(b.node.attributes, 0));
}

constexpr Value Concatenate::batch(const BatchArguments& b) {
  Attributes axis = b.node.attributes;
  ++axis.integers[0];
  return emit_batched(b, axis);
}

constexpr Value OffsetIds::batch(const BatchArguments& b) {
  Attributes attributes = b.node.attributes;
  ++attributes.integers[1];
  return emit_batched(b, attributes);
}

/// One matrix on the right of all makes one large product.
constexpr Value Matmul::batch(const BatchArguments& b) {
  const bool one_right = !b.batched[1] && b.node.type.shape.rank == 2 && b.node.attributes.integers[0] == 0;
  if (!one_right) return emit_batched(b, b.node.attributes);
  const Shape& left = b.operands[0].shape();
  const Value product = matmul(reshape(b.operands[0], shape_of(left[0] * left[1], left[2])), b.operands[1],
                               false, b.node.attributes.integers[1] != 0);
  return reshape(product, with_leading_axis(b.count, b.node.type.shape));
}

/// Tables that differ lie one below the other, and each finds its rows behind those of the ones before.
constexpr Value Gather::batch(const BatchArguments& b) {
  if (!b.batched[0]) return gather(b.operands[0], b.operands[1]);
  Shape tables = b.operands[0].shape();
  const Size rows = tables[1];
  Shape all;
  all.push_back(tables[0] * rows);
  for (int axis = 2; axis < tables.rank; ++axis) all.push_back(tables[axis]);
  return gather(reshape(b.operands[0], all), offset_ids(batched_operand(b, 1), rows));
}

constexpr Value ScatterAdd::batch(const BatchArguments& b) {
  const Shape& table = b.node.attributes.shape;
  Shape all = table;
  all[0] *= b.count;
  const Value rows = scatter_add(batched_operand(b, 0), offset_ids(batched_operand(b, 1), table[0]), all);
  return reshape(rows, with_leading_axis(b.count, table));
}

}  // namespace ctgrad::ops
