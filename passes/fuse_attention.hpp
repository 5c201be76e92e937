#pragma once

#include <ctgrad/passes/attention_dropout.hpp>
#include <ctgrad/passes/fuser.hpp>

namespace ctgrad::passes {

/// s = q k^T, t = s c, w = softmax(t), y = w v  ->  a = attention(q, k, v), y = result 0 of a.
///
/// With masks and biases in every form that AttentionMatcher reads and dropout in those that DropoutMatcher
/// reads, unless something else needs the weights.
/// Heads that were permuted in front of the length are left where they were.
class AttentionFuser : public Fuser<AttentionFuser> {
 public:
  using Fuser::Fuser;
  static constexpr const Operation* sought = &operation<ops::Softmax>;
  static constexpr const Operation* last = &operation<ops::Matmul>;

  /// The attention in place of a product of weights and values, if it is one.
  constexpr Value fused(std::int32_t id, Value product) {
    const Node node = product.node();
    if (node.attributes.integers[0] != 0 || node.attributes.integers[1] != 0) return {};
    const DroppedWeights weights = find_softmax(graph()[id].operands[0], product.operand(0));
    if (weights.softmax.absent()) return {};
    const std::optional<AttentionMatch> match =
        AttentionMatcher().match(weights.softmax.operand(0), product.operand(1));
    if (!match || !fits(*match)) return {};
    const Value result = emit_attention(*match, weights.keep);
    return weights.factor == 1 ? result : result * weights.factor;
  }

 private:
  /// The softmax that a chain of weights `id` began with, being `weights` now, if each serves the next alone.
  constexpr DroppedWeights find_softmax(std::int32_t id, Value weights) const {
    DropoutMatcher matcher;
    while (has_one_user(id)) {
      if (weights.node().operation == &operation<ops::Softmax>) {
        matcher.found.softmax = weights;
        return matcher.found;
      }
      const int operand = matcher.follow(weights);
      if (operand < 0) return {};
      id = graph()[id].operands[operand];
      weights = weights.operand(operand);
    }
    return {};
  }

  /// Whether the rows are no wider than kernels take: a tile of them lies on the stack.
  static constexpr bool fits(const AttentionMatch& match) {
    constexpr Size widest = 512;
    return match.operands[0].shape().last() <= widest && match.operands[2].shape().last() <= widest;
  }

  constexpr Value emit_attention(AttentionMatch match, Value keep) {
    if (!keep.absent())
      match.form.threshold = static_cast<std::uint32_t>(ops::drop_threshold(keep.node().attributes.value));
    match.form.heads_last = true;
    for (const Value x : match.operands) match.form.heads_last = match.form.heads_last && swaps_heads(x);
    std::vector<Value> operands;
    for (const Value x : match.operands) operands.push_back(match.form.heads_last ? x.operand(0) : x);
    if (match.form.mask) operands.push_back(match.mask);
    if (match.form.bias) operands.push_back(match.bias);
    if (!keep.absent()) operands.push_back(keep.operand(0));
    const Value attention = emit_on<ops::Attention>(match.form.attributes(), operands);
    return ops::swap_heads(ops::result(attention, 0), match.form.heads_last);
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
};

/// The outputs of the nodes from `first` on with every attention fused, if the graph's passes say so.
constexpr void fuse_attention(Graph& graph, std::int32_t first, std::span<Value> outputs) {
  if (graph.passes.attention) AttentionFuser(graph, first).run(outputs);
}

/// A whole graph with every attention fused, whatever its passes say.
constexpr Graph fuse_attention(Graph graph) { return fuse<AttentionFuser>(std::move(graph)); }

}  // namespace ctgrad::passes
