#pragma once

#include <ctgrad/graph/graph.hpp>

#include <span>

namespace ctgrad::passes {

/// x, y = x + 1, z = x y  ->  x: {y, z}, y: {z}: which nodes take each node, every one once, in their order.
class Users {
 public:
  constexpr explicit Users(const Graph& graph) : begins_(graph.nodes().size() + 1, 0) {
    for (const Node& node : graph.nodes()) {
      for (int i = 0; i < node.operand_count; ++i) {
        if (is_first(node, i)) ++begins_.data()[node.operands[i] + 1];
      }
    }
    for (std::size_t i = 1; i < begins_.size(); ++i) begins_.data()[i] += begins_.data()[i - 1];
    users_.assign(static_cast<std::size_t>(begins_.back()), 0);
    std::vector<std::int32_t> next = begins_;
    for (std::int32_t id = 0; id < graph.size(); ++id) {
      const Node& node = graph[id];
      for (int i = 0; i < node.operand_count; ++i) {
        if (is_first(node, i)) users_.data()[next.data()[node.operands[i]]++] = id;
      }
    }
  }

  constexpr std::span<const std::int32_t> operator[](std::int32_t id) const {
    const std::int32_t begin = begins_.data()[id];
    return {users_.data() + begin, static_cast<std::size_t>(begins_.data()[id + 1] - begin)};
  }

 private:
  static constexpr bool is_first(const Node& node, int i) {
    for (int k = 0; k < i; ++k) {
      if (node.operands[k] == node.operands[i]) return false;
    }
    return true;
  }

  std::vector<std::int32_t> begins_;
  std::vector<std::int32_t> users_;
};

}  // namespace ctgrad::passes
