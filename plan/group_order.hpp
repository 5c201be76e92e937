#pragma once

#include <ctgrad/plan/groups.hpp>

#include <algorithm>

/// The order in which a plan computes its groups: that of their ends, but what is computed again
/// (ops::Recompute) waits until an output needs it, so that it does not live beside the values whose memory
/// it should save. With f a matrix product, so that each line is a group:
///
///     in the order of their ends          as ordered here
///                          live                                live
///     y  = f(x)            y              y  = f(x)            y
///     y' = f(recompute x)  y y'           z  = y + 1           y z
///     z  = y + 1           y y' z         y' = f(recompute x)    z y'
///     dx = y' z              y' z dx      dx = y' z              z y' dx
namespace ctgrad::plan {

/// Marks every node that follows from an ops::Recompute with the number of the last such node; 0 for all
/// others.
constexpr PerNode<std::int32_t> recomputed_nodes(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  PerNode<std::int32_t> marks(graph.size());
  std::int32_t* recomputed = marks.data();
  const std::int32_t count = graph.size();
  for (std::int32_t id = 0; id < count; ++id) {
    const Node& node = nodes[id];
    std::int32_t last = node.operation->is_late ? id : 0;
    for (int i = 0; i < node.operand_count; ++i) {
      if (recomputed[node.operands[i]] > last) last = recomputed[node.operands[i]];
    }
    recomputed[id] = last;
  }
  return marks;
}

/// Orders the groups of a graph:
///
/// - Groups that follow from no ops::Recompute run in the order of their ends.
/// - All other groups are late: each runs when an output needs it, behind the groups that it needs itself. Of
///   these, those that follow from the last ops::Recompute run first, and their memory is free again when
///   those before them run.
/// - A group that gives much less than it reads runs as soon as it can: what it reads may then be dropped.
class GroupOrderer {
 public:
  constexpr GroupOrderer(const Graph& graph, const StorageMap& storage, const Groups& groups)
      : graph_(graph),
        storage_(storage),
        groups_(groups),
        ends_(groups.ends.data()),
        late_(graph.size()),
        missing_(graph.size()),
        needs_(graph.size()),
        users_(graph.size()),
        done_(graph.size()) {
    edges_.reserve(2 * graph.nodes().size());
    const PerNode<std::int32_t> marks = recomputed_nodes(graph);
    const std::int32_t* recomputed = marks.data();
    const std::int32_t* roots = storage.roots.data();
    const Node* nodes = graph.nodes().data();
    std::int32_t* late = late_.data();
    const std::int32_t count = graph.size();
    for (std::int32_t id = 0; id < count; ++id) {
      const std::int32_t end = ends_[id];
      if (end < 0) continue;
      if (recomputed[id] > late[end]) late[end] = recomputed[id];
      const Node& node = nodes[id];
      for (int i = 0; i < node.operand_count; ++i) {
        const std::int32_t needed = ends_[roots[node.operands[i]]];
        if (needed >= 0 && needed != end) need(end, needed);
      }
    }
  }

  /// The ends of all groups, in the order in which the groups run.
  constexpr List<std::int32_t> run() {
    order_.reserve(graph_.nodes().size());
    const std::int32_t count = graph_.size();
    for (std::int32_t id = 0; id < count; ++id) {
      if (ends_[id] != id || late_[id] != 0 || done_[id]) continue;
      if (missing_[id] == 0) {
        add(id);
      } else {
        demand(id);  // a value kept by a group that follows from an ops::Recompute
      }
    }
    for (const std::int32_t id : late_outputs()) demand(id);
    return std::move(order_);
  }

 private:
  /// A link of a chain through the groups that one group needs, or through those that use it.
  struct Edge {
    std::int32_t group;
    std::int32_t next;  ///< the number plus 1 of the chain's next edge; 0 behind the last
  };

  /// Notes, once, that one group needs another's value.
  constexpr void need(std::int32_t end, std::int32_t needed) {
    const Edge* edges = edges_.data();
    for (std::int32_t edge = needs_[end]; edge != 0; edge = edges[edge - 1].next) {
      if (edges[edge - 1].group == needed) return;
    }
    edges_.push_back({needed, needs_[end]});
    needs_[end] = static_cast<std::int32_t>(edges_.size());
    edges_.push_back({end, users_[needed]});
    users_[needed] = static_cast<std::int32_t>(edges_.size());
    ++missing_[end];
  }
  constexpr std::int32_t group(std::int32_t edge) const { return edges_.data()[edge - 1].group; }
  constexpr std::int32_t next(std::int32_t edge) const { return edges_.data()[edge - 1].next; }

  /// The late groups that give outputs. Those come first whose earliest ops::Recompute is the latest.
  constexpr std::vector<std::int32_t> late_outputs() const {
    std::vector<std::int32_t> outputs;
    for (const std::int32_t id : graph_.outputs) {
      const std::int32_t end = ends_[storage_.root(id)];
      if (end >= 0 && late_[end] != 0) outputs.push_back(end);
    }
    if (outputs.empty()) return outputs;
    PerNode<std::int32_t> earliest(graph_.size());
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      std::int32_t& first = earliest[id];
      first = node.operation->is_late ? id : graph_.size();
      for (int i = 0; i < node.operand_count; ++i) first = std::min(first, earliest[node.operands[i]]);
    }
    std::sort(outputs.begin(), outputs.end(), [&](std::int32_t a, std::int32_t b) {
      const std::int32_t x = earliest[a];
      const std::int32_t y = earliest[b];
      return x != y ? x > y : a < b;
    });
    return outputs;
  }

  /// Adds a group to the order, behind all groups that it needs and that are not yet there. Chains of needs
  /// are long, so it keeps a stack of its own rather than call itself.
  constexpr void demand(std::int32_t wanted) {
    std::vector<std::int32_t> stack;
    stack.push_back(wanted);
    while (!stack.empty()) {
      const std::int32_t id = stack.back();
      std::int32_t wait = -1;
      for (std::int32_t edge = missing_[id] == 0 ? 0 : needs_[id]; edge != 0; edge = next(edge)) {
        const std::int32_t needed = group(edge);
        if (!done_[needed] &&
            (wait < 0 || late_[needed] > late_[wait] || (late_[needed] == late_[wait] && needed > wait))) {
          wait = needed;
        }
      }
      if (wait >= 0) {
        stack.push_back(wait);
        continue;
      }
      stack.pop_back();
      if (!done_[id]) add(id);
    }
  }

  /// Adds a group to the order, and behind it the groups that can run now and give much less than they read.
  constexpr void add(std::int32_t id) {
    order_.push_back(id);
    done_[id] = true;
    const Edge* edges = edges_.data();
    std::int32_t* missing = missing_.data();
    for (std::int32_t edge = users_[id]; edge != 0; edge = edges[edge - 1].next) {
      const std::int32_t user = edges[edge - 1].group;
      if (--missing[user] == 0 && !done_[user] && shrinks(user)) add(user);
    }
  }

  /// Says whether a group gives much less than it reads.
  constexpr bool shrinks(std::int32_t end) const {
    if (groups_.kept[end].count > 0) return false;
    Size read = 0;
    for (std::int32_t edge = needs_[end]; edge != 0; edge = next(edge))
      read += graph_[group(edge)].type.shape.size();
    return 4 * graph_[end].type.shape.size() <= read;
  }

  const Graph& graph_;
  const StorageMap& storage_;
  const Groups& groups_;
  const std::int32_t* ends_;
  PerNode<std::int32_t> late_;  ///< for every end the last ops::Recompute that its group follows from; or 0
  PerNode<std::int32_t> missing_;  ///< for every end how many groups that it needs are not yet in the order
  PerNode<std::int32_t> needs_;    ///< for every end the chain of groups that it needs
  PerNode<std::int32_t> users_;    ///< for every end the chain of groups that use it
  PerNode<bool> done_;             ///< for every end whether it is in the order
  List<Edge> edges_;
  List<std::int32_t> order_;
};

}  // namespace ctgrad::plan
