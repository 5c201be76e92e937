#pragma once

#include <ctgrad/graph/passes/storage.hpp>
#include <ctgrad/ops/identity.hpp>

#include <algorithm>

/// The order in which nodes are computed.
namespace ctgrad::passes {

/// For every node the last of the checkpoints whose second computation it follows from; 0 for none.
constexpr PerNode<std::int32_t> recomputed_nodes(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  PerNode<std::int32_t> marks(graph.size());
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
      : graph_(graph), late_(recomputed_nodes(graph)), done_(graph.size()) {}

  constexpr List<std::int32_t> run() {
    order_.reserve(graph_.nodes().size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      if (late_[id] == 0) append(id);  // its operands came before
    }
    for (const std::int32_t id : late_outputs()) demand(id);
    return std::move(order_);
  }

 private:
  /// The outputs that follow from checkpoints, those that need no early one first.
  constexpr std::vector<std::int32_t> late_outputs() const {
    std::vector<std::int32_t> outputs;
    for (const std::int32_t id : graph_.outputs) {
      if (late_[id] != 0) outputs.push_back(id);
    }
    if (outputs.empty()) return outputs;
    PerNode<std::int32_t> earliest(graph_.size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      std::int32_t& first = earliest[id];
      first = graph_.size();
      if (node.operation == &operation<ops::Recompute>) first = id;
      for (int i = 0; i < node.operand_count; ++i) first = std::min(first, earliest[node.operands[i]]);
    }
    std::sort(outputs.begin(), outputs.end(), [&](std::int32_t a, std::int32_t b) {
      const std::int32_t x = earliest[a];
      const std::int32_t y = earliest[b];
      return x != y ? x > y : a < b;
    });
    return outputs;
  }

  constexpr void append(std::int32_t id) {
    order_.push_back(id);
    done_[id] = true;
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
        if (!done_[operand] && (next < 0 || late_[operand] >= late_[next])) next = operand;
      }
      if (next >= 0) {
        stack.push_back(next);
        continue;
      }
      stack.pop_back();
      if (!done_[id]) append(id);
    }
  }

  const Graph& graph_;
  PerNode<std::int32_t> late_;
  PerNode<bool> done_;
  List<std::int32_t> order_;
};

}  // namespace ctgrad::passes
