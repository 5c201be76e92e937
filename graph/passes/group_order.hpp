#pragma once

#include <ctgrad/graph/passes/groups.hpp>
#include <ctgrad/ops/identity.hpp>

#include <algorithm>

/// The order in which groups are computed.
namespace ctgrad::passes {

/// For every node the last ops::Recompute that it follows from; 0 for none.
constexpr PerNode<std::int32_t> recomputed_nodes(const Graph& graph) {
  const Node* nodes = graph.nodes().data();
  PerNode<std::int32_t> marks(graph.size());
  std::int32_t* recomputed = marks.data();
  const std::int32_t count = graph.size();
  for (std::int32_t id = 0; id < count; ++id) {
    const Node& node = nodes[id];
    std::int32_t last = node.operation == &operation<ops::Recompute> ? id : 0;
    for (int i = 0; i < node.operand_count; ++i) {
      if (recomputed[node.operands[i]] > last) last = recomputed[node.operands[i]];
    }
    recomputed[id] = last;
  }
  return marks;
}

/// Orders groups as they end, but those that are computed again, and what follows from them, only
/// when an output needs them; of what a group needs first those that follow from later ones, whose
/// memory is free again when the earlier ones are computed. What gives less than it reads runs as soon as it
/// can. x, y = f(x), y' = f(recompute(x)), z = y + 1, dx = y' z, outputs {dx}  ->  x, y, z, y', dx
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

  /// The ends of all groups.
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
  /// A group that another needs or that takes it, and the next of these; 0 behind the last.
  struct Edge {
    std::int32_t group;
    std::int32_t next;
  };

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

  /// The groups of outputs that follow from an ops::Recompute, those that need no early one first.
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
      first = node.operation == &operation<ops::Recompute> ? id : graph_.size();
      for (int i = 0; i < node.operand_count; ++i) first = std::min(first, earliest[node.operands[i]]);
    }
    std::sort(outputs.begin(), outputs.end(), [&](std::int32_t a, std::int32_t b) {
      const std::int32_t x = earliest[a];
      const std::int32_t y = earliest[b];
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

  /// Adds a group, and then what only shrinks its result.
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
  PerNode<std::int32_t> late_;     ///< of every end, the last ops::Recompute that it follows from
  PerNode<std::int32_t> missing_;  ///< of every end, how many groups that it needs are not yet added
  PerNode<std::int32_t> needs_;    ///< of every end, its first edge, counted from 1
  PerNode<std::int32_t> users_;
  PerNode<bool> done_;
  List<Edge> edges_;
  List<std::int32_t> order_;
};

}  // namespace ctgrad::passes
