#pragma once

#include <ctgrad/base/list.hpp>
#include <ctgrad/graph/node.hpp>
#include <ctgrad/graph/operation.hpp>
#include <ctgrad/graph/optimize.hpp>

#include <span>
#include <vector>

/// A graph: a list of nodes in topological order. It lives in constant evaluation as well as at run time.
namespace ctgrad {

class Graph {
  friend struct Value;  // which reads nodes with one call less

 public:
  constexpr Graph() = default;
  /// A graph of these nodes, to be read or built on.
  constexpr explicit Graph(std::span<const Node> nodes)
      : nodes_(nodes.data(), nodes.size()), next_input_(-1) {}

  /// Adds a node, or finds the equal one that is already there (common subexpressions never exist twice).
  constexpr std::int32_t add(const Node& node) {
    if (2 * (nodes_.size_ + 1) > slots_.count) grow();
    std::int32_t& slot = find(node);
    if (slot == 0) {
      nodes_.push_back(node);
      slot = static_cast<std::int32_t>(nodes_.size_);
    }
    return slot - 1;
  }

  /// Makes room for so many nodes, so that they are never moved.
  constexpr void reserve(std::size_t nodes) { nodes_.reserve(nodes); }

  /// Keeps only the nodes that are marked, among them all that these need, and gives them new numbers.
  constexpr void keep(const PerNode<bool>& marks) {
    const std::int32_t count = size();
    PerNode<std::int32_t> names(count);
    std::int32_t* renamed = names.data();
    const bool* marked = marks.data();
    Node* nodes = nodes_.data_;
    next_input_ = -1;
    std::int32_t kept = 0;
    for (std::int32_t id = 0; id < count; ++id) {
      if (!marked[id]) continue;
      renamed[id] = kept;
      if (kept < id) {
        nodes[kept] = nodes[id];
        Node& node = nodes[kept];
        for (int i = 0; i < node.operand_count; ++i) node.operands[i] = renamed[node.operands[i]];
      }
      ++kept;
    }
    if (kept == count) return;
    nodes_.truncate(static_cast<std::size_t>(kept));
    slots_ = {};
    rename(inputs, renamed);
    rename(outputs, renamed);
  }

  /// A number no other input of this graph has, so that inputs never merge.
  constexpr std::int32_t next_input_number() {
    if (next_input_ < 0) next_input_ = largest_leaf_number() + 1;
    return next_input_++;
  }

  constexpr const Node& operator[](std::int32_t id) const { return nodes_.data_[id]; }
  constexpr std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size_); }
  constexpr const List<Node>& nodes() const { return nodes_; }

  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  Optimize passes;                  ///< what works on this graph
  std::int32_t weighted_means = 0;  ///< how many were built, whatever became of them

 private:
  /// Where nodes are found again by their hash: their numbers plus 1, or 0. A copy is empty at first.
  struct Slots {
    std::size_t count = 0;
    PerNode<std::int32_t> ids;

    constexpr Slots() = default;
    constexpr explicit Slots(std::size_t slots) : count(slots), ids(static_cast<std::int32_t>(slots)) {}
    constexpr Slots(const Slots&) {}
    constexpr Slots(Slots&& other) noexcept
        : count(std::exchange(other.count, 0)), ids(std::move(other.ids)) {}
    constexpr Slots& operator=(Slots other) noexcept {
      count = other.count;
      ids = std::move(other.ids);
      return *this;
    }
  };

  static constexpr void rename(std::vector<std::int32_t>& ids, const std::int32_t* names) {
    std::int32_t* all = ids.data();
    const std::size_t count = ids.size();
    for (std::size_t i = 0; i < count; ++i) all[i] = names[all[i]];
  }

  /// Of 32 bits and in one expression, since this is the most called function of a compilation.
  static constexpr std::uint32_t hash(const Node& node) {
    const std::int32_t* operands = node.operands;
    const std::int32_t* integers = node.attributes.integers;
    std::uint32_t h = static_cast<std::uint32_t>(node.operation->hash);
    if (node.operand_count == 0) {
      h ^= static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(node.attributes.value) >> 32) ^
           static_cast<std::uint32_t>(node.type.shape.extents[0]);
    }
    h += static_cast<std::uint32_t>(operands[0]) * 0x9E3779B1u +
         static_cast<std::uint32_t>(node.operand_count > 1 ? operands[1] : integers[0]) * 0x85EBCA77u;
    return h ^ (h >> 15);
  }

  /// The slot of a node's equal, or the free one where it would lie.
  constexpr std::int32_t& find(const Node& node) {
    const auto mask = static_cast<std::uint32_t>(slots_.count - 1);
    std::int32_t* slots = slots_.ids.values_;
    const Node* nodes = nodes_.data_;
    std::uint32_t slot = hash(node) & mask;
    while (slots[slot] != 0 && !(nodes[slots[slot] - 1] == node)) slot = (slot + 1) & mask;
    return slots[slot];
  }

  /// An upper bound of the numbers that inputs have: theirs and other leaves' first attribute.
  constexpr std::int32_t largest_leaf_number() const {
    std::int32_t largest = 0;
    for (const Node& node : nodes_) {
      if (node.operand_count == 0 && node.attributes.integers[0] > largest)
        largest = node.attributes.integers[0];
    }
    return largest;
  }

  constexpr void grow() {
    std::size_t slots = slots_.count == 0 ? 256 : 4 * slots_.count;
    while (slots < 4 * nodes_.size_) slots *= 4;
    slots_ = Slots(slots);
    const std::int32_t count = size();
    for (std::int32_t id = 0; id < count; ++id) find(nodes_.data_[id]) = id + 1;
  }

  List<Node> nodes_;
  Slots slots_;
  std::int32_t next_input_ = 0;  ///< -1: still to be found
};

}  // namespace ctgrad
