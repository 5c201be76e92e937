#pragma once

#include <ctgrad/plan/kernel_call.hpp>
#include <ctgrad/plan/row_layout.hpp>
#include <ctgrad/plan/storage.hpp>

#include <algorithm>

/// Which values a program of mixed precision stores as bf16.
///
///     %4 = matmul x w      [64, 128]   bf16: written and read by kernels that convert
///     %5 = sum %4, last    [64, 1]     in float: sums and statistics of rows are
///     %9 = gather %4 ids   [32, 128]   in float, and so would %4 be: no kernel of gather reads bf16
namespace ctgrad::plan {

inline constexpr Size bf16_bytes = 2;

/// Smaller values, and vectors, stay in the scalar type.
inline constexpr Size least_bf16_elements = 512;

/// Where element `element` of a value begins, in bytes, of which the first `count` elements are stored as
/// bf16 and the others in the scalar type.
constexpr Size bf16_offset(Size element, Size count, Size scalar) {
  if (element < count) return bf16_bytes * element;
  return (bf16_bytes * count + scalar - 1) / scalar * scalar + scalar * (element - count);
}

/// How many elements of a node are stored as bf16, if it is: of several results those in front of the first
/// that stays in float.
template <class G>
constexpr Size bf16_count(const G& graph, const Node& node) {
  if (node.operation->results == nullptr) return node.type.shape.size();
  Type operands[max_operands];
  Type results[max_operands];
  for (int i = 0; i < node.operand_count; ++i) operands[i] = graph[node.operands[i]].type;
  const int count = std::min(node.operation->results(operands, node.attributes, results),
                             node.operation->first_float_result);
  Size elements = 0;
  for (int i = 0; i < count; ++i) elements += results[i].shape.size();
  return elements;
}

/// Finds the large values in memory of their own whose kernel can write bf16 and whose readers all can read
/// it, and notes in the calls of the plan what is stored so. Sums to which products are added in place stay
/// in the scalar type.
class Bf16Finder {
 public:
  constexpr Bf16Finder(const Graph& graph, const StorageMap& storage, Plan& plan)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        roots_(storage.roots.data()),
        kinds_(storage.kinds.data()),
        offsets_(storage.offsets.data()),
        calls_(plan.calls.data()),
        call_count_(plan.calls.size()),
        counts_(graph.size()),
        last_(graph.size()) {}

  /// For every node how many of its elements, from the first on, are stored as bf16; 0 for most.
  constexpr PerNode<Size> run() {
    for (std::size_t i = 0; i < call_count_; ++i) choose(calls_[i]);
    for (const std::int32_t id : graph_.outputs) counts_[roots_[id]] = 0;
    for (std::size_t i = 0; i < call_count_; ++i) {
      const KernelCall& call = calls_[i];
      for (int k = 0; k < call.source_count; ++k) {
        last_[call.roots[k]] = i;
        if (is_bf16(call, k) && !can_read(call, k)) counts_[call.roots[k]] = 0;
      }
    }
    for (std::size_t i = 0; i < call_count_; ++i) keep_sums(calls_[i], i);
    for (std::size_t i = 0; i < call_count_; ++i) note(calls_[i]);
    return std::move(counts_);
  }

 private:
  constexpr void choose(const KernelCall& call) {
    if (kinds_[call.node] != Storage::buffer || !can_write(call)) return;
    choose(call.node);
    for (int i = 0; i < call.extra_count; ++i) choose(call.extras[i]);
  }

  constexpr void choose(std::int32_t id) {
    const Node& node = nodes_[id];
    const Shape& shape = node.type.shape;
    const RowWork work = node.operation->row_work;
    if (node.type.kind != Kind::real || shape.size() < least_bf16_elements) return;
    if (node.operation->results == nullptr && !has_rows(shape)) return;
    if (work == RowWork::fold || work == RowWork::reduction) return;
    counts_[id] = bf16_count(graph_, node);
  }

  /// Says whether a shape has several rows of several elements: a vector is a bias or has a number per row.
  static constexpr bool has_rows(const Shape& shape) {
    return shape.rank > 1 && shape.last() > 1 && shape.size() > shape.last();
  }

  constexpr bool can_write(const KernelCall& call) const {
    if (call.by_rows) return has_short_rows(call);
    const Operation& operation = *nodes_[call.node].operation;
    return operation.writes_bf16 && (call.product < 0 || nodes_[call.product].operation->writes_bf16);
  }

  constexpr bool can_read(const KernelCall& call, int source) const {
    if (call.by_rows) return has_short_rows(call);
    const Operation& operation = *nodes_[call.node].operation;
    if (call.product < 0) return (operation.reads_bf16 >> source & 1) != 0;
    return source >= 2 || (nodes_[call.product].operation->reads_bf16 >> source & 1) != 0;
  }

  /// Says whether a source is stored as bf16 so far: of a node with several results maybe not every one is.
  constexpr bool is_bf16(const KernelCall& call, int source) const {
    return offsets_[call.sources[source]] < counts_[call.roots[source]];
  }

  /// Says whether the kernel of a call by rows can keep rows of floats beside those that it reads and writes.
  constexpr bool has_short_rows(const KernelCall& call) const {
    Size longest = nodes_[call.node].type.shape.last();
    for (int i = 0; i < call.source_count; ++i) {
      const Shape& shape = nodes_[call.sources[i]].type.shape;
      if (shape.rank > 0) longest = std::max(longest, shape.last());
    }
    return longest <= longest_kept_row;
  }

  /// Keeps both in the scalar type where the call at a position adds its product to a value that no later
  /// call reads: it can do so in place, and rounds nothing.
  constexpr void keep_sums(const KernelCall& call, std::size_t position) {
    if (call.product < 0 || !graph_.passes.in_place || !only_adds_to_product(graph_, roots_, call)) return;
    if (kinds_[call.roots[2]] != Storage::buffer || last_[call.roots[2]] != position) return;
    counts_[call.roots[2]] = counts_[call.node] = 0;
  }

  constexpr void note(KernelCall& call) const {
    call.bf16 = counts_[call.node] > 0 ? 1 : 0;
    for (int i = 0; i < call.extra_count; ++i)
      call.bf16 |= static_cast<std::uint32_t>(counts_[call.extras[i]] > 0) << (1 + i);
    for (int i = 0; i < call.source_count; ++i) {
      if (is_bf16(call, i)) call.bf16 |= bf16_bit_of_source(i);
    }
  }

  const Graph& graph_;
  const Node* nodes_;
  const std::int32_t* roots_;
  const Storage* kinds_;
  const Size* offsets_;
  KernelCall* calls_;
  std::size_t call_count_;
  PerNode<Size> counts_;
  PerNode<std::size_t> last_;  ///< for every node the last call that reads its memory
};

}  // namespace ctgrad::plan
