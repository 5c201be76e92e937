#pragma once

#include <ctgrad/plan/views.hpp>

/// Which nodes have memory of their own, and which are views that read another node's memory.
///
///     node                        storage   root   strides     memory
///     %0 = input          [2, 3]  input     %0     3, 1        a b c d e f
///     %1 = permute %0     [3, 2]  view      %0     1, 3        none: read as a d b e c f
///     %2 = constant 1     [3, 2]  splat     %2     0, 0        1
///     %3 = add %1 %2      [3, 2]  buffer    %3     2, 1        6 elements
namespace ctgrad::plan {

/// How a node is stored.
enum class Storage : std::uint8_t {
  input,     ///< in the memory of the program's caller
  view,      ///< in another node's memory, which its users read through strides
  splat,     ///< as one element that stands for all, which its users read through strides of 0: a constant
  constant,  ///< in memory of its own that is computed once, since it depends on no input
  buffer,    ///< in memory of its own that every run computes
};

/// How and where every node is stored.
struct StorageMap {
  PerNode<Storage> kinds;
  PerNode<std::int32_t> roots;  ///< the node whose memory a node lies in: itself, unless it is a view
  PerNode<Size> offsets;        ///< where a view begins, in elements from its root's first one

  constexpr Storage kind(std::int32_t id) const { return kinds[id]; }
  constexpr std::int32_t root(std::int32_t id) const { return roots[id]; }
};

/// Finds the storage of every node. A permutation, slice, broadcast or reshape is a view where all its users
/// have kernels that can read through its strides; it is copied to memory of its own where one cannot.
class StorageFinder {
 public:
  constexpr explicit StorageFinder(const Graph& graph)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        map_{PerNode<Storage>(graph.size()), PerNode<std::int32_t>(graph.size()),
             PerNode<Size>(graph.size())},
        kinds_(map_.kinds.data()),
        roots_(map_.roots.data()),
        offsets_(map_.offsets.data()),
        dense_(graph.size()) {}

  /// A node that becomes dense, with memory of its own, gives its views other strides. So all nodes are
  /// looked at again until no further one becomes dense.
  constexpr StorageMap run() {
    const std::int32_t count = graph_.size();
    for (const std::int32_t id : graph_.outputs) require_dense(id);
    do {
      changed_ = false;
      for (std::int32_t id = 0; id < count; ++id) {
        store(id);
        if (nodes_[id].operation->is_view) require_strides(id);
      }
      for (std::int32_t id = 0; id < count; ++id) {
        const Node& node = nodes_[id];
        if (!node.operation->takes_strides && !is_view_operation(node)) require_operands(node);
      }
    } while (changed_);
    return std::move(map_);
  }

 private:
  constexpr Shape strides(std::int32_t id) const {
    const std::int32_t root = roots_[id];
    return strides_within(graph_, id, root, kinds_[root] == Storage::splat);
  }
  constexpr bool is_dense(std::int32_t id) const {
    if (id == roots_[id]) return kinds_[id] != Storage::splat;
    return is_row_major(nodes_[id].type.shape, strides(id));
  }

  /// Gives a node dense memory of its own; for a reshape, which has no kernel to write it, its operand.
  /// Returns the node that has the memory.
  constexpr std::int32_t require_dense(std::int32_t id) {
    while (nodes_[id].operation->is_view) id = nodes_[id].operands[0];
    changed_ = changed_ || !dense_[id];
    dense_[id] = true;
    return id;
  }

  /// Makes a reshape's operand dense if no strides of the new shape describe the operand's memory.
  constexpr void require_strides(std::int32_t id) {
    const std::int32_t operand = nodes_[id].operands[0];
    if (operand == roots_[operand] && kinds_[operand] != Storage::splat) return;
    Shape found;
    if (view_strides(nodes_[id], nodes_[operand].type.shape, strides(operand), found)) return;
    for (std::int32_t again = require_dense(operand); again <= id; ++again) store(again);
  }

  /// Makes those of a node's operands dense that its kernel cannot read through their strides.
  constexpr void require_operands(const Node& node) {
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = node.operands[i];
      if (is_dense(operand)) continue;
      const bool accepted = node.operation->accepts_strides != nullptr &&
                            node.operation->accepts_strides(nodes_[operand].type.shape, strides(operand));
      if (!accepted) require_dense(operand);
    }
  }

  /// Decides how a node is stored, from its operands' storage and from whether it must be dense.
  constexpr void store(std::int32_t id) {
    const Node& node = nodes_[id];
    const bool dense = dense_[id];
    roots_[id] = id;
    offsets_[id] = 0;
    Storage& kind = kinds_[id];
    kind = Storage::buffer;
    if (node.operand_count == 0) {
      kind = node.operation->is_input             ? Storage::input
             : node.operation->is_splat && !dense ? Storage::splat
                                                  : Storage::constant;
    } else if (!dense && is_view_operation(node)) {
      kind = Storage::view;
      const std::int32_t operand = node.operands[0];
      roots_[id] = roots_[operand];
      offsets_[id] = offsets_[operand];
      if (node.operation->view_offset != nullptr)
        offsets_[id] += node.operation->view_offset(strides(operand), node.attributes);
    } else if (depends_on_no_input(node)) {
      kind = Storage::constant;
    }
  }

  constexpr bool depends_on_no_input(const Node& node) const {
    for (int i = 0; i < node.operand_count; ++i) {
      const Storage operand = kinds_[roots_[node.operands[i]]];
      if (operand != Storage::constant && operand != Storage::splat) return false;
    }
    return true;
  }

  const Graph& graph_;
  const Node* nodes_;
  StorageMap map_;
  Storage* kinds_;
  std::int32_t* roots_;
  Size* offsets_;
  PerNode<bool> dense_;
  bool changed_ = false;
};

constexpr StorageMap storage_of(const Graph& graph) { return StorageFinder(graph).run(); }

}  // namespace ctgrad::plan
