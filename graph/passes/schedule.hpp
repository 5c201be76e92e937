#pragma once

#include <ctgrad/graph/passes/storage.hpp>
#include <ctgrad/ops/identity.hpp>

#include <algorithm>

/// The order in which nodes are computed.
namespace ctgrad::passes {

/// For every node the last of the checkpoints whose second computation it follows from; 0 for none.
constexpr std::vector<std::int32_t> recomputed_nodes(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  std::vector<std::int32_t> marks(graph.nodes().size(), 0);
  std::int32_t* recomputed = marks.data();
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    recomputed[id] = nodes[id].operation == &operation<ops::Recompute> ? id : 0;
    for (int i = 0; i < nodes[id].operand_count; ++i)
      recomputed[id] = std::max(recomputed[id], recomputed[nodes[id].operands[i]]);
  }
  return marks;
}

/// Orders nodes as they were made, but those that a checkpoint computes again, and what follows from them,
/// only when an output needs them; of a node's operands first those that follow from later checkpoints, whose
/// memory is free again when the earlier ones are computed. x, y = f(x), y' = f(recompute(x)), z = y + 1, dx
/// = y' z, outputs {dx}  -> x, y, z, y', dx
class Scheduler {
 public:
  constexpr explicit Scheduler(const Graph& graph)
      : graph_(graph), late_(recomputed_nodes(graph)), done_(graph.nodes().size(), 0) {}

  constexpr std::vector<std::int32_t> run() {
    order_.reserve(graph_.nodes().size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      if (late_.data()[id] == 0) demand(id);
    }
    for (const std::int32_t id : late_outputs()) demand(id);
    return std::move(order_);
  }

 private:
  /// The outputs that follow from checkpoints, those that need no early one first.
  constexpr std::vector<std::int32_t> late_outputs() const {
    std::vector<std::int32_t> earliest(graph_.nodes().size(), graph_.size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      std::int32_t& first = earliest.data()[id];
      if (node.operation == &operation<ops::Recompute>) first = id;
      for (int i = 0; i < node.operand_count; ++i) first = std::min(first, earliest.data()[node.operands[i]]);
    }
    std::vector<std::int32_t> outputs;
    for (const std::int32_t id : graph_.outputs) {
      if (late_.data()[id] != 0) outputs.push_back(id);
    }
    std::sort(outputs.begin(), outputs.end(), [&](std::int32_t a, std::int32_t b) {
      const std::int32_t x = earliest.data()[a];
      const std::int32_t y = earliest.data()[b];
      return x != y ? x > y : a < b;
    });
    return outputs;
  }

  /// Adds a node behind all that it needs. A stack of its own: chains are long.
  constexpr void demand(std::int32_t wanted) {
    std::vector<std::int32_t> stack;
    stack.push_back(wanted);
    while (!stack.empty()) {
      const std::int32_t id = stack.back();
      const Node& node = graph_[id];
      std::int32_t next = -1;
      for (int i = 0; i < node.operand_count; ++i) {
        const std::int32_t operand = node.operands[i];
        if (done_.data()[operand] == 0 && (next < 0 || late_.data()[operand] >= late_.data()[next]))
          next = operand;
      }
      if (next >= 0) {
        stack.push_back(next);
        continue;
      }
      stack.pop_back();
      if (done_.data()[id] == 0) order_.push_back(id);
      done_.data()[id] = 1;
    }
  }

  const Graph& graph_;
  std::vector<std::int32_t> late_;
  std::vector<char> done_;
  std::vector<std::int32_t> order_;
};

}  // namespace ctgrad::passes
