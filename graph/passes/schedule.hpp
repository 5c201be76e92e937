#pragma once

#include <ctgrad/graph/passes/storage.hpp>
#include <ctgrad/ops/identity.hpp>

/// The order in which nodes are computed.
namespace ctgrad::passes {

/// Marks the nodes that follow from a checkpoint's second computation.
constexpr std::vector<char> recomputed_nodes(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  std::vector<char> marks(graph.nodes().size(), 0);
  char* recomputed = marks.data();
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    recomputed[id] = nodes[id].operation == &operation<ops::Recompute> ? 1 : 0;
    for (int i = 0; i < nodes[id].operand_count; ++i) {
      if (recomputed[nodes[id].operands[i]] != 0) recomputed[id] = 1;
    }
  }
  return marks;
}

/// Orders nodes as they were made, but those that a checkpoint computes again, and what follows from them,
/// only when an output needs them. x, y = f(x), y' = f(recompute(x)), z = y + 1, dx = y' z, outputs {dx}  ->
/// x, y, z, y', dx
class Scheduler {
 public:
  constexpr explicit Scheduler(const Graph& graph)
      : graph_(graph), late_(recomputed_nodes(graph)), done_(graph.nodes().size(), 0) {}

  constexpr std::vector<std::int32_t> run() {
    std::vector<char> output(graph_.nodes().size(), 0);
    for (const std::int32_t id : graph_.outputs) output.data()[id] = 1;
    order_.reserve(graph_.nodes().size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      if (late_.data()[id] == 0 || output.data()[id] != 0) demand(id);
    }
    return std::move(order_);
  }

 private:
  /// Adds a node behind all that it needs. A stack of its own: chains are long.
  constexpr void demand(std::int32_t wanted) {
    std::vector<std::int32_t> stack;
    stack.push_back(wanted);
    while (!stack.empty()) {
      const std::int32_t id = stack.back();
      const Node& node = graph_[id];
      bool ready = true;
      for (int i = 0; i < node.operand_count; ++i) {
        if (done_.data()[node.operands[i]] != 0) continue;
        ready = false;
        stack.push_back(node.operands[i]);
      }
      if (!ready) continue;
      stack.pop_back();
      if (done_.data()[id] == 0) order_.push_back(id);
      done_.data()[id] = 1;
    }
  }

  const Graph& graph_;
  std::vector<char> late_;
  std::vector<char> done_;
  std::vector<std::int32_t> order_;
};

}  // namespace ctgrad::passes
