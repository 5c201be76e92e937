#pragma once

#include <ctgrad/graph/value.hpp>

#include <span>

namespace ctgrad::passes {

/// Says whether a graph has nodes of an operation, from `first` on.
constexpr bool has_operation(const Graph& graph, const Operation* sought, std::int32_t first = 0) {
  const Node* nodes = graph.nodes().data();
  const std::int32_t count = graph.size();
  for (std::int32_t id = first; id < count; ++id) {
    if (nodes[id].operation == sought) return true;
  }
  return false;
}

/// Puts one node in place of several among the nodes of a graph from some on: Pass::fused(id, again) gives
/// what takes the place of a node of the operation Pass::last, or nothing; `again` is the node on its
/// operands' replacements. Without a node of the operation Pass::sought there is nothing to fuse.
template <class Pass>
class Fuser {
 public:
  /// Among the nodes from `first` on, for the sake of `outputs`.
  constexpr Fuser(Graph& graph, std::int32_t first) : graph_(graph), first_(first), last_(graph.size()) {}

  /// The outputs with all that can be fused.
  constexpr void run(std::span<Value> outputs) {
    if (!has_operation(graph_, Pass::sought, first_)) return;
    count_users(outputs);
    for (std::int32_t id = first_; id < last_; ++id) visit(id);
    for (Value& output : outputs) {
      if (output.id >= first_ && output.id < last_) output.id = now(output.id);
    }
  }

 protected:
  /// What took a node's place.
  constexpr std::int32_t now(std::int32_t id) const { return id < first_ || id >= last_ ? id : ids_[id]; }
  constexpr Value now(Value x) const { return {&graph_, now(x.id)}; }

  /// Says whether one node alone uses a node.
  constexpr bool has_one_user(std::int32_t id) const { return id >= first_ && users_[id] == 1; }

  constexpr Graph& graph() const { return graph_; }

 private:
  /// How many nodes that lead to an output use a node.
  constexpr void count_users(std::span<const Value> outputs) {
    users_ = PerNode<std::int32_t>(last_);
    ids_ = PerNode<std::int32_t>(last_);
    std::int32_t* users = users_.data();
    for (const Value output : outputs) {
      if (output.id >= first_) users[output.id] += 2;
    }
    const Node* nodes = graph_.nodes().data();
    for (std::int32_t id = last_ - 1; id >= first_; --id) {
      if (users[id] == 0) continue;
      const Node& node = nodes[id];
      for (int i = 0; i < node.operand_count; ++i) ++users[node.operands[i]];
    }
  }

  constexpr void visit(std::int32_t id) {
    std::int32_t* ids = ids_.data();
    ids[id] = id;
    if (users_[id] == 0) return;
    const Node& node = graph_[id];
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = node.operands[i];
      moved = moved || (operand >= first_ && ids[operand] != operand);
    }
    const bool last = node.operation == Pass::last;
    if (moved) ids[id] = again(node);
    if (!last) return;
    const Value fused = static_cast<Pass*>(this)->fused(id, Value{&graph_, ids[id]});
    if (!fused.absent()) ids[id] = fused.id;
  }

  /// A node on its operands' replacements.
  constexpr std::int32_t again(Node node) {
    for (int i = 0; i < node.operand_count; ++i) node.operands[i] = now(node.operands[i]);
    return graph_.add(node);
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  PerNode<std::int32_t> users_;
  PerNode<std::int32_t> ids_;
};

/// A whole graph with all that a pass can fuse.
template <class Pass>
constexpr Graph fuse(Graph graph) {
  std::vector<Value> outputs;
  for (const std::int32_t id : graph.outputs) outputs.push_back({&graph, id});
  Pass(graph, 0).run(outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) graph.outputs[i] = outputs[i].id;
  return graph;
}

}  // namespace ctgrad::passes
