#pragma once

#include <ctgrad/graph/node.hpp>
#include <ctgrad/graph/operation.hpp>

#include <vector>

/// The flat graph: nodes in topological order. It lives in constant evaluation as well as at run time.
namespace ctgrad {

class Graph {
 public:
  constexpr Graph() = default;
  constexpr explicit Graph(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}

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
  constexpr std::int32_t next_input_number() { return input_count_++; }

  constexpr const Node& operator[](std::int32_t id) const { return nodes_[static_cast<std::size_t>(id)]; }
  constexpr std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size()); }
  constexpr const std::vector<Node>& nodes() const { return nodes_; }

  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;

 private:
  static constexpr std::uint64_t hash(const Node& node) {
    std::uint64_t h = node.operation->hash;
    for (int i = 0; i < node.operand_count; ++i) h = mix(h, static_cast<std::uint64_t>(node.operands[i]));
    for (int i = 0; i < node.type.shape.rank; ++i) h = mix(h, static_cast<std::uint64_t>(node.type.shape[i]));
    h = mix(h, std::bit_cast<std::uint64_t>(node.attributes.value));
    return mix(h, static_cast<std::uint64_t>(node.attributes.integers[0]));
  }

  static constexpr std::uint64_t mix(std::uint64_t h, std::uint64_t word) {
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 32);
  }

  constexpr std::size_t find(const Node& node) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = static_cast<std::size_t>(hash(node)) & mask;
    while (slots_[slot] >= 0 && !(nodes_[static_cast<std::size_t>(slots_[slot])] == node)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  constexpr void grow() {
    slots_.assign(slots_.empty() ? 256 : 4 * slots_.size(), -1);
    for (std::int32_t id = 0; id < size(); ++id) slots_[find((*this)[id])] = id;
  }

  std::vector<Node> nodes_;
  std::vector<std::int32_t> slots_;
  std::int32_t input_count_ = 0;
};

}  // namespace ctgrad
