#pragma once

#include <ctgrad/graph/graph.hpp>

#include <span>

namespace ctgrad::passes {

/// x, y = x + 1, z = x y  ->  x: {y, z}, y: {z}: which nodes take each node, every one once, in their order.
class Users {
 public:
  constexpr explicit Users(const Graph& graph) : begins_(graph.size() + 1) {
    std::int32_t count = 0;
    for (const Node& node : graph.nodes()) {
      for (int i = 0; i < node.operand_count; ++i) {
        if (!is_first(node, i)) continue;
        ++begins_[node.operands[i]];
        ++count;
      }
    }
    // The end of every node's part, moved to its begin as it is filled from behind.
    std::int32_t end = 0;
    for (std::int32_t id = 0; id < graph.size(); ++id) begins_[id] = end += begins_[id];
    begins_[graph.size()] = count;
    users_ = PerNode<std::int32_t>(count);
    for (std::int32_t id = graph.size() - 1; id >= 0; --id) {
      const Node& node = graph[id];
      for (int i = 0; i < node.operand_count; ++i) {
        if (is_first(node, i)) users_[--begins_[node.operands[i]]] = id;
      }
    }
  }

  constexpr std::span<const std::int32_t> operator[](std::int32_t id) const {
    return {users_.data() + begins_[id], static_cast<std::size_t>(begins_[id + 1] - begins_[id])};
  }

 private:
  static constexpr bool is_first(const Node& node, int i) {
    for (int k = 0; k < i; ++k) {
      if (node.operands[k] == node.operands[i]) return false;
    }
    return true;
  }

  PerNode<std::int32_t> begins_;
  PerNode<std::int32_t> users_;
};

}  // namespace ctgrad::passes
