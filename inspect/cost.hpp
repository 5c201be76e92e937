#pragma once

#include <ctgrad/graph/frozen.hpp>
#include <ctgrad/ops/registry.hpp>

/// What a graph costs, counted.
namespace ctgrad {

/// Says whether a node only moves elements, so that a kernel call of it alone would be a copy.
constexpr bool is_copy(const Node& node) {
  for (const Operation* copy : {&operation<ops::Copy>, &operation<ops::Broadcast>, &operation<ops::Permute>,
                                &operation<ops::Slice>, &operation<ops::Pad>, &operation<ops::Concatenate>}) {
    if (node.operation == copy) return true;
  }
  return false;
}

/// The floating-point operations of one node: two for every product of a matrix product, one for every
/// element that another operation reads or writes, whichever are more; none for views, copies and what moves
/// rows. Those of attention and of linear cross-entropies are of their products and of scores or logits.
constexpr Size flops(const Node& node, const Type* operands) {
  if (node.operation->is_view || node.type.kind == Kind::index || is_copy(node)) return 0;
  for (const Operation* moving :
       {&operation<ops::Input>, &operation<ops::Constant>, &operation<ops::ConstantArray>,
        &operation<ops::Gather>, &operation<ops::Pick>, &operation<ops::Place>}) {
    if (node.operation == moving) return 0;
  }
  if (node.operation == &operation<ops::Matmul>) {
    return 2 * node.type.shape.size() *
           ops::Matmul::extents(operands[0].shape, operands[1].shape, node.attributes).inner;
  }
  if (node.operation == &operation<ops::Attention> || node.operation == &operation<ops::AttentionBackward>) {
    const ops::AttentionExtents e(operands[0].shape, operands[1].shape, operands[2].shape,
                                  ops::AttentionForm(node.attributes).heads_last);
    const bool forward = node.operation == &operation<ops::Attention>;
    const Size scores = e.scores().size();
    return scores * (forward ? 2 * (e.width + e.value_width) + 2 : 2 * (3 * e.width + 2 * e.value_width) + 3);
  }
  if (node.operation == &operation<ops::LinearCrossEntropy> ||
      node.operation == &operation<ops::LinearCrossEntropyGradients>) {
    const Size logits = operands[0].shape.rows() * operands[1].shape.last();
    const Size width = operands[1].shape[0];
    return logits * (node.operation == &operation<ops::LinearCrossEntropy> ? 2 * width + 2 : 6 * width + 3);
  }
  Size most = node.type.shape.size();
  for (int i = 0; i < node.operand_count; ++i) most = std::max(most, operands[i].shape.size());
  return most;
}

/// The floating-point operations of a graph.
template <class G>
constexpr Size flops(const G& graph) {
  Size sum = 0;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    Type operands[max_operands];
    for (int i = 0; i < node.operand_count; ++i) operands[i] = graph[node.operands[i]].type;
    sum += flops(node, operands);
  }
  return sum;
}

}  // namespace ctgrad
