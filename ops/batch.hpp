#pragma once

#include <ctgrad/ops/broadcast.hpp>

/// An axis added in front of an operation's shapes: what `vmap` asks of operations.
namespace ctgrad::ops {

constexpr Shape with_leading_axis(Size count, const Shape& shape) {
  Shape result;
  result.push_back(count);
  for (int axis = 0; axis < shape.rank; ++axis) result.push_back(shape[axis]);
  return result;
}

/// Operand i with the added axis; repeated along it if it has none.
constexpr Value batched_operand(const BatchArguments& b, int i) {
  const Value operand = b.operands[i];
  return b.batched[i] ? operand : broadcast_to(operand, with_leading_axis(b.count, operand.shape()));
}

/// The same operation on operands that all have the added axis.
constexpr Value emit_batched(const BatchArguments& b, const Attributes& attributes) {
  Node node = b.node;
  node.attributes = attributes;
  for (int i = 0; i < node.operand_count; ++i) node.operands[i] = batched_operand(b, i).id;
  node.type.shape = with_leading_axis(b.count, b.node.type.shape);
  if (node.operation->results != nullptr) {
    Type types[max_operands];
    for (int i = 0; i < node.operand_count; ++i) types[i] = b.graph[node.operands[i]].type;
    node.type = node.operation->infer(types, attributes);
  }
  return {&b.graph, b.graph.add(node)};
}

/// Attributes that keep something for every axis: what they kept moves behind `leading`.
constexpr Attributes shifted_axes(const Attributes& attributes, std::int32_t leading) {
  Attributes result = attributes;
  for (int axis = max_rank - 1; axis > 0; --axis) result.integers[axis] = attributes.integers[axis - 1];
  result.integers[0] = leading;
  return result;
}

/// Attributes whose shape is the result's.
constexpr Attributes with_leading_axis(const BatchArguments& b, const Attributes& attributes) {
  Attributes result = attributes;
  result.shape = with_leading_axis(b.count, attributes.shape);
  return result;
}

}  // namespace ctgrad::ops
