#pragma once

#include <ctgrad/graph/graph.hpp>
#include <ctgrad/plan/kernel_call.hpp>

namespace ctgrad::plan {

/// Finds the calls of a plan that can share a kernel, so that 12 equal layers need no more kernels than one:
///
///     %7 = relu(matmul(%0, %1) + %2)      kernel of call 0
///     %9 = relu(matmul(%7, %3) + %4)      kernel of call 0, if %7, %3, %4 have the types and strides of
///                                         %0, %1, %2
class KernelMerger {
 public:
  constexpr KernelMerger(const Graph& graph, Plan& plan)
      : graph_(graph), nodes_(graph.nodes().data()), plan_(plan) {}

  constexpr void run() {
    std::size_t size = 64;
    while (size < 2 * plan_.calls.size()) size *= 2;
    PerNode<std::int32_t> firsts(static_cast<std::int32_t>(size));
    std::int32_t* slots = firsts.data();  // a hash table: the number plus 1 of a call; 0 for none
    KernelCall* calls = plan_.calls.data();
    const auto count = static_cast<std::int32_t>(plan_.calls.size());
    for (std::int32_t i = 0; i < count; ++i) {
      std::size_t slot = static_cast<std::size_t>(hash(calls[i])) & (size - 1);
      while (slots[slot] != 0 && !equal(calls[slots[slot] - 1], calls[i])) slot = (slot + 1) & (size - 1);
      if (slots[slot] == 0) slots[slot] = i + 1;
      calls[i].kernel = slots[slot] - 1;
    }
  }

 private:
  /// A hash of what a call does. It has 32 bits, which cost the compiler less than 64.
  constexpr std::uint32_t hash(const KernelCall& call) const {
    constexpr std::uint32_t odd = 0x9E3779B1u;
    const Node& node = nodes_[call.node];
    std::uint32_t h = static_cast<std::uint32_t>(node.operation->hash);
    for (int i = 0; i < call.source_count; ++i) {
      const Shape& shape = nodes_[call.sources[i]].type.shape;
      for (int axis = 0; axis < shape.rank; ++axis)
        h = (h ^ static_cast<std::uint32_t>(shape.extents[axis])) * odd;
      h ^= h >> 15;
    }
    for (const std::int32_t integer : node.attributes.integers)
      h = h * 31 + static_cast<std::uint32_t>(integer);
    return h ^ (h >> 15);
  }

  /// Says whether two calls can share a kernel.
  constexpr bool equal(const KernelCall& a, const KernelCall& b) const {
    if (a.splat != b.splat || a.by_rows != b.by_rows || a.accumulates != b.accumulates) return false;
    if (a.bf16 != b.bf16 || a.source_count != b.source_count || a.extra_count != b.extra_count) return false;
    if ((a.product < 0) != (b.product < 0)) return false;
    for (int i = 0; i < a.source_count; ++i) {
      if (!equal_sources(a, b, i)) return false;
    }
    for (int i = 0; i < a.extra_count; ++i) {
      if (!equal_groups(a, a.extras[i], b, b.extras[i])) return false;
    }
    if (a.product >= 0 && !equal_alone(nodes_[a.product], nodes_[b.product])) return false;
    return is_grouped(a) ? equal_groups(a, a.node, b, b.node) : equal_alone(nodes_[a.node], nodes_[b.node]);
  }

  constexpr bool is_grouped(const KernelCall& call) const {
    return call.by_rows || nodes_[call.node].operation->is_elementwise;
  }

  /// Says whether source i has equal types and strides in two calls.
  constexpr bool equal_sources(const KernelCall& a, const KernelCall& b, int i) const {
    if (!(nodes_[a.sources[i]].type == nodes_[b.sources[i]].type)) return false;
    const bool whole = a.sources[i] == a.roots[i] && !a.splats[i];
    const bool other_whole = b.sources[i] == b.roots[i] && !b.splats[i];
    return (whole && other_whole) || operand_strides(graph_, a, i) == operand_strides(graph_, b, i);
  }

  /// Says whether two nodes are alike but for their operands.
  static constexpr bool equal_alone(const Node& a, const Node& b) {
    return a.operation == b.operation && a.type == b.type && a.attributes == b.attributes &&
           a.operand_count == b.operand_count;
  }

  /// Says whether node x is the function of call a's sources that node y is of call b's sources.
  constexpr bool equal_groups(const KernelCall& a, std::int32_t x, const KernelCall& b,
                              std::int32_t y) const {
    const Node& left = nodes_[x];
    const Node& right = nodes_[y];
    if (!equal_alone(left, right)) return false;
    for (int i = 0; i < left.operand_count; ++i) {
      const int source = source_of(a, left.operands[i]);
      if (source != source_of(b, right.operands[i])) return false;
      if (source < 0 && !equal_groups(a, left.operands[i], b, right.operands[i])) return false;
    }
    return true;
  }

  static constexpr int source_of(const KernelCall& call, std::int32_t id) {
    for (int i = 0; i < call.source_count; ++i) {
      if (call.sources[i] == id) return i;
    }
    return -1;
  }

  const Graph& graph_;
  const Node* nodes_;
  Plan& plan_;
};

}  // namespace ctgrad::plan
