#pragma once

#include <ctgrad/graph/node.hpp>
#include <ctgrad/graph/operation.hpp>
#include <ctgrad/graph/optimize.hpp>

#include <vector>

/// The flat graph: nodes in topological order. It lives in constant evaluation as well as at run time.
namespace ctgrad {

class Graph {
 public:
  constexpr Graph() = default;
  /// A graph of these nodes, to be read or built on.
  constexpr explicit Graph(std::vector<Node> nodes) : nodes_(std::move(nodes)), next_input_(-1) {}

  /// Adds a node, or finds the equal one that is already there (common subexpressions never exist twice).
  constexpr std::int32_t add(const Node& node) {
    if (2 * (nodes_.size() + 1) > slots_.size()) grow();
    const std::size_t slot = find(node);
    if (slots_[slot] < 0) {
      slots_[slot] = static_cast<std::int32_t>(nodes_.size());
      nodes_.push_back(node);
    }
    return slots_[slot];
  }

  /// A number no other input of this graph has, so that inputs never merge.
  constexpr std::int32_t next_input_number() {
    if (next_input_ < 0) next_input_ = largest_leaf_number() + 1;
    return next_input_++;
  }

  constexpr const Node& operator[](std::int32_t id) const { return nodes_[static_cast<std::size_t>(id)]; }
  constexpr std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size()); }
  constexpr const std::vector<Node>& nodes() const { return nodes_; }

  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  Optimize passes;  ///< what works on this graph

 private:
  /// Written as one loop: this is the most called function of a compilation.
  static constexpr std::uint64_t hash(const Node& node) {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15u;
    std::uint64_t h = node.operation->hash;
    for (int i = 0; i < node.operand_count; ++i) h = (h ^ static_cast<std::uint64_t>(node.operands[i])) * odd;
    for (int i = 0; i < node.type.shape.rank; ++i) {
      h = (h ^ (h >> 29) ^ static_cast<std::uint64_t>(node.type.shape.extents[i])) * odd;
    }
    h = (h ^ std::bit_cast<std::uint64_t>(node.attributes.value)) * odd;
    h = (h ^ (h >> 32) ^ static_cast<std::uint64_t>(node.attributes.integers[0])) * odd;
    return h ^ (h >> 32);
  }

  constexpr std::size_t find(const Node& node) const {
    const std::size_t mask = slots_.size() - 1;
    const std::int32_t* slots = slots_.data();
    const Node* nodes = nodes_.data();
    std::size_t slot = static_cast<std::size_t>(hash(node)) & mask;
    while (slots[slot] >= 0 && !(nodes[slots[slot]] == node)) slot = (slot + 1) & mask;
    return slot;
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
    std::size_t slots = slots_.empty() ? 256 : 4 * slots_.size();
    while (slots < 4 * nodes_.size()) slots *= 4;
    slots_.assign(slots, -1);
    for (std::int32_t id = 0; id < size(); ++id) slots_[find((*this)[id])] = id;
  }

  std::vector<Node> nodes_;
  std::vector<std::int32_t> slots_;
  std::int32_t next_input_ = 0;  ///< -1: still to be found
};

}  // namespace ctgrad
