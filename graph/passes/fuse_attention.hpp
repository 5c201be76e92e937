#pragma once

#include <ctgrad/graph/passes/attention_pattern.hpp>

#include <span>

namespace ctgrad::passes {

/// s = q k^T, t = s c, w = softmax(t), y = w v  ->  a = attention(q, k, v), y = the first part of a.
///
/// With masks and biases in every form that AttentionMatcher reads, unless something else needs the weights.
/// Heads that were permuted in front of the length are left where they were.
class AttentionFuser {
 public:
  /// Among the nodes from `first` on, for the sake of `outputs`.
  constexpr AttentionFuser(Graph& graph, std::int32_t first)
      : graph_(graph), first_(first), last_(graph.size()) {}

  /// The outputs with every attention fused.
  constexpr void run(std::span<Value> outputs) {
    if (!any_softmax()) return;
    count_users(outputs);
    for (std::int32_t id = first_; id < last_; ++id) visit(id);
    for (Value& output : outputs) {
      if (output.id >= first_ && output.id < last_) output.id = now(output.id);
    }
  }

 private:
  constexpr std::size_t at(std::int32_t id) const { return static_cast<std::size_t>(id - first_); }
  constexpr std::int32_t now(std::int32_t id) const {
    return id < first_ || id >= last_ ? id : ids_.data()[at(id)];
  }

  constexpr bool any_softmax() const {
    for (std::int32_t id = first_; id < last_; ++id) {
      if (graph_[id].operation == &operation<ops::Softmax>) return true;
    }
    return false;
  }

  /// How many nodes that lead to an output use a node.
  constexpr void count_users(std::span<const Value> outputs) {
    users_.assign(at(last_), 0);
    ids_.assign(at(last_), 0);
    for (const Value output : outputs) {
      if (output.id >= first_) users_.data()[at(output.id)] += 2;
    }
    for (std::int32_t id = last_ - 1; id >= first_; --id) {
      const Node& node = graph_[id];
      for (int i = 0; users_.data()[at(id)] != 0 && i < node.operand_count; ++i) {
        if (node.operands[i] >= first_) ++users_.data()[at(node.operands[i])];
      }
    }
  }

  constexpr void visit(std::int32_t id) {
    Node node = graph_[id];
    std::int32_t& result = ids_.data()[at(id)];
    result = id;
    if (users_.data()[at(id)] == 0) return;
    bool moved = false;
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = now(node.operands[i]);
      moved = moved || operand != node.operands[i];
      node.operands[i] = operand;
    }
    if (moved) result = graph_.add(node);
    const Value weighted = weighted_sum(id, {&graph_, result});
    if (!weighted.absent()) result = weighted.id;
  }

  /// The attention in place of a product of weights and values, if it is one.
  constexpr Value weighted_sum(std::int32_t id, Value product) {
    const Node node = product.node();
    if (node.operation != &operation<ops::Matmul> || node.attributes.integers[0] != 0) return {};
    const Value weights = product.operand(0);
    const std::int32_t old_weights = graph_[id].operands[0];
    if (weights.node().operation != &operation<ops::Softmax> || node.attributes.integers[1] != 0) return {};
    if (old_weights < first_ || users_.data()[at(old_weights)] != 1) return {};
    const std::optional<AttentionMatch> match =
        AttentionMatcher().match(weights.operand(0), product.operand(1));
    return match ? emit_attention(*match) : Value{};
  }

  constexpr Value emit_attention(AttentionMatch match) {
    match.form.inside = true;
    for (const Value x : match.operands) match.form.inside = match.form.inside && swaps_heads(x);
    std::vector<Value> operands;
    for (const Value x : match.operands) operands.push_back(match.form.inside ? x.operand(0) : x);
    if (match.form.mask) operands.push_back(match.mask);
    if (match.form.bias) operands.push_back(match.bias);
    const Value all = emit_on<ops::Attention>(match.form.attributes(), operands);
    Shape shape = operands[0].shape();
    shape[shape.rank - 1] = operands[2].shape().last();
    const std::int32_t begin[max_rank] = {};
    const Value result = ops::reshape(ops::slice(all, begin, shape_of(shape.size())), shape);
    return ops::swap_heads(result, match.form.inside);
  }

  /// Says whether a value is a permutation that swaps heads and length.
  static constexpr bool swaps_heads(Value x) {
    const int rank = x.shape().rank;
    if (x.node().operation != &operation<ops::Permute> || rank < 3) return false;
    for (int axis = 0; axis < rank; ++axis) {
      const int from = axis == rank - 3 ? rank - 2 : axis == rank - 2 ? rank - 3 : axis;
      if (x.node().attributes.integers[axis] != from) return false;
    }
    return true;
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  std::vector<std::int32_t> users_;
  std::vector<std::int32_t> ids_;
};

/// The outputs of the nodes from `first` on with every attention fused, if the graph's passes say so.
constexpr void fuse_attention(Graph& graph, std::int32_t first, std::span<Value> outputs) {
  if (graph.passes.attention) AttentionFuser(graph, first).run(outputs);
}

/// The same of a whole graph, whatever its passes say.
constexpr Graph fuse_attention(Graph graph) {
  std::vector<Value> outputs;
  for (const std::int32_t id : graph.outputs) outputs.push_back({&graph, id});
  AttentionFuser(graph, 0).run(outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) graph.outputs[i] = outputs[i].id;
  return graph;
}

}  // namespace ctgrad::passes
