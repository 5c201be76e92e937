#pragma once

#include <ctgrad/graph/graph.hpp>

namespace ctgrad {

/// x, y = x + 1, z = x y  ->  users of x: {y, z}, of y: {z}: the nodes that have a node as an operand, each
/// of them once, in the order of their numbers.
class Users {
 public:
  /// The users of one node. A std::span's iterators would cost the compiler more.
  struct Range {
    const std::int32_t* first;
    const std::int32_t* last;

    constexpr const std::int32_t* begin() const { return first; }
    constexpr const std::int32_t* end() const { return last; }
    constexpr std::size_t size() const { return static_cast<std::size_t>(last - first); }
    constexpr std::int32_t front() const { return *first; }
  };

  constexpr explicit Users(const Graph& graph) : begins_(graph.size() + 1) {
    const Node* nodes = graph.nodes().data();
    const std::int32_t nodes_count = graph.size();
    std::int32_t* begins = begins_.data();
    std::int32_t count = 0;
    for (std::int32_t id = 0; id < nodes_count; ++id) {
      const Node& node = nodes[id];
      for (int i = 0; i < node.operand_count; ++i) {
        if (i > 0 && !is_first(node, i)) continue;
        ++begins[node.operands[i]];
        ++count;
      }
    }
    // begins_ holds where each node's users end, and moves to where they begin as they are filled in from
    // behind.
    std::int32_t end = 0;
    for (std::int32_t id = 0; id < nodes_count; ++id) begins[id] = end += begins[id];
    begins[nodes_count] = count;
    users_ = PerNode<std::int32_t>(count);
    std::int32_t* users = users_.data();
    for (std::int32_t id = nodes_count - 1; id >= 0; --id) {
      const Node& node = nodes[id];
      for (int i = 0; i < node.operand_count; ++i) {
        if (i == 0 || is_first(node, i)) users[--begins[node.operands[i]]] = id;
      }
    }
  }

  constexpr Range operator[](std::int32_t id) const {
    const std::int32_t* begins = begins_.data();
    const std::int32_t* users = users_.data();
    return {users + begins[id], users + begins[id + 1]};
  }

 private:
  static constexpr bool is_first(const Node& node, int i) {
    for (int k = 0; k < i; ++k) {
      if (node.operands[k] == node.operands[i]) return false;
    }
    return true;
  }

  PerNode<std::int32_t> begins_;  ///< for every node where its users begin in users_
  PerNode<std::int32_t> users_;
};

}  // namespace ctgrad
