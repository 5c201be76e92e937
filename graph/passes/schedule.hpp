#pragma once

#include <ctgrad/graph/passes/groups.hpp>
#include <ctgrad/ops/identity.hpp>

#include <algorithm>

/// The order in which groups are computed.
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

/// Orders groups as they end, but those that a checkpoint computes again, and what follows from them, only
/// when an output needs them; of what a group needs first those that follow from later checkpoints, whose
/// memory is free again when the earlier ones are computed. What gives less than it reads runs as soon as it
/// can. x, y = f(x), y' = f(recompute(x)), z = y + 1, dx = y' z, outputs {dx}  ->  x, y, z, y', dx
class Scheduler {
 public:
  constexpr Scheduler(const Graph& graph, const StorageMap& storage, const Groups& groups)
      : graph_(graph),
        storage_(storage),
        groups_(groups),
        late_(graph.nodes().size(), 0),
        missing_(graph.nodes().size(), 0),
        needs_(graph.nodes().size()),
        takers_(graph.nodes().size()) {
    const std::vector<std::int32_t> recomputed = recomputed_nodes(graph);
    for (std::int32_t id = 0; id < graph.size(); ++id) {
      const std::int32_t end = groups.ends.data()[id];
      if (end < 0) continue;
      late_.data()[end] = std::max(late_.data()[end], recomputed.data()[id]);
      const Node& node = graph[id];
      for (int i = 0; i < node.operand_count; ++i) need(end, node.operands[i]);
    }
  }

  /// The ends of all groups.
  constexpr std::vector<std::int32_t> run() {
    done_.assign(graph_.nodes().size(), 0);
    order_.reserve(graph_.nodes().size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      if (groups_.ends.data()[id] == id && late_.data()[id] == 0) demand(id);
    }
    for (const std::int32_t id : late_outputs()) demand(id);
    return std::move(order_);
  }

 private:
  constexpr void need(std::int32_t end, std::int32_t operand) {
    const std::int32_t needed = groups_.ends.data()[storage_.root(operand)];
    if (needed < 0 || needed == end) return;
    for (const std::int32_t known : needs_.data()[end]) {
      if (known == needed) return;
    }
    needs_.data()[end].push_back(needed);
    takers_.data()[needed].push_back(end);
    ++missing_.data()[end];
  }

  /// The groups of outputs that follow from checkpoints, those that need no early one first.
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
      const std::int32_t end = groups_.ends.data()[storage_.root(id)];
      if (end >= 0 && late_.data()[end] != 0) outputs.push_back(end);
    }
    std::sort(outputs.begin(), outputs.end(), [&](std::int32_t a, std::int32_t b) {
      const std::int32_t x = earliest.data()[a];
      const std::int32_t y = earliest.data()[b];
      return x != y ? x > y : a < b;
    });
    return outputs;
  }

  /// Adds a group behind all that it needs. A stack of its own: chains are long.
  constexpr void demand(std::int32_t wanted) {
    std::vector<std::int32_t> stack;
    stack.push_back(wanted);
    while (!stack.empty()) {
      const std::int32_t id = stack.back();
      std::int32_t next = -1;
      for (const std::int32_t needed : needs_.data()[id]) {
        if (done_.data()[needed] == 0 && (next < 0 || late_.data()[needed] >= late_.data()[next]))
          next = needed;
      }
      if (next >= 0) {
        stack.push_back(next);
        continue;
      }
      stack.pop_back();
      if (done_.data()[id] == 0) add(id);
    }
  }

  /// Adds a group whose needs are met, and then what only shrinks its result.
  constexpr void add(std::int32_t id) {
    order_.push_back(id);
    done_.data()[id] = 1;
    for (const std::int32_t taker : takers_.data()[id]) {
      if (--missing_.data()[taker] == 0 && done_.data()[taker] == 0 && shrinks(taker)) add(taker);
    }
  }

  /// Says whether a group gives much less than it reads.
  constexpr bool shrinks(std::int32_t end) const {
    Size read = 0;
    for (const std::int32_t needed : needs_.data()[end]) read += graph_[needed].type.shape.size();
    return 4 * graph_[end].type.shape.size() <= read && groups_.kept.data()[end].empty();
  }

  const Graph& graph_;
  const StorageMap& storage_;
  const Groups& groups_;
  std::vector<std::int32_t> late_;
  std::vector<std::int32_t> missing_;
  std::vector<std::vector<std::int32_t>> needs_;
  std::vector<std::vector<std::int32_t>> takers_;
  std::vector<char> done_;
  std::vector<std::int32_t> order_;
};

}  // namespace ctgrad::passes
