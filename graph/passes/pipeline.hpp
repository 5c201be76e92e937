#pragma once

#include <ctgrad/graph/passes/expand.hpp>
#include <ctgrad/graph/passes/fold.hpp>
#include <ctgrad/graph/passes/fuse_attention.hpp>
#include <ctgrad/graph/passes/fuse_linear_cross_entropy.hpp>
#include <ctgrad/graph/passes/simplify.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// The passes in their order.
namespace ctgrad::passes {

/// y = attention(x), dy = attention_tangent(x, dx)  ->  both by their definitions, which share the scores;
/// the same of linear cross-entropies and their logits; and whatever else has no kernel.
constexpr Graph expand_definitions(const Graph& graph) {
  if (!any_node(graph, lacks_kernel)) return graph;
  std::vector<char> attention(graph.nodes().size(), 0);
  std::vector<char> loss(graph.nodes().size(), 0);
  for (const Node& node : graph.nodes()) {
    if (node.operation == &operation<ops::AttentionTangent>) attention.data()[node.operands[0]] = 1;
    if (node.operation == &operation<ops::LinearCrossEntropyTangent>) loss.data()[node.operands[0]] = 1;
  }
  const auto chosen = [&](const Node& node) {
    if (node.operation == &operation<ops::Attention>) return attention.data()[node.operands[0]] != 0;
    if (node.operation == &operation<ops::LinearCrossEntropy>) return loss.data()[node.operands[0]] != 0;
    return lacks_kernel(node);
  };
  return expand(expand_once(graph, chosen));
}

/// The graph that is run: of operations that have kernels, after the passes of its choice, without dead
/// nodes, and with memory of their own for outputs.
constexpr Graph optimize(const Graph& whole) {
  Graph graph = expand_definitions(eliminate_dead(whole));
  if (graph.passes.fold) graph = fold(graph);
  if (graph.passes.simplify) graph = simplify(graph);
  if (graph.passes.attention) graph = fuse_attention(eliminate_dead(graph));
  if (graph.passes.linear_cross_entropy)
    graph = take_loss_from_gradients(eliminate_dead(fuse_linear_cross_entropy(eliminate_dead(graph))));
  return eliminate_dead(own_outputs(eliminate_dead(graph)));
}

}  // namespace ctgrad::passes
