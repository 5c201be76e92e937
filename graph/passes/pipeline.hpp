#pragma once

#include <ctgrad/graph/passes/expand.hpp>
#include <ctgrad/graph/passes/fold.hpp>
#include <ctgrad/graph/passes/fuse_attention.hpp>
#include <ctgrad/graph/passes/simplify.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// The passes in their order.
namespace ctgrad::passes {

/// y = attention(x), dy = attention_tangent(x, dx)  ->  both by their definitions, which share the scores;
/// and whatever else has no kernel.
constexpr Graph expand_definitions(Graph graph) {
  if (!any_node(graph, lacks_kernel)) return graph;
  std::vector<char> shared(graph.nodes().size(), 0);
  for (const Node& node : graph.nodes()) {
    if (node.operation == &operation<ops::AttentionTangent>)
      shared.data()[static_cast<std::size_t>(node.operands[0])] = 1;
  }
  const auto chosen = [&](const Node& node) {
    return lacks_kernel(node) || (node.operation == &operation<ops::Attention> &&
                                  shared.data()[static_cast<std::size_t>(node.operands[0])] != 0);
  };
  return expand(expand_once(graph, chosen));
}

/// The graph that is run: of operations that have kernels, after the passes of its choice, without dead
/// nodes, and with memory of their own for outputs.
constexpr Graph optimize(Graph graph) {
  graph = expand_definitions(eliminate_dead(std::move(graph)));
  if (graph.passes.fold) graph = fold(std::move(graph));
  if (graph.passes.simplify) graph = simplify(std::move(graph));
  if (graph.passes.attention) graph = fuse_attention(eliminate_dead(std::move(graph)));
  return eliminate_dead(own_outputs(eliminate_dead(std::move(graph))));
}

}  // namespace ctgrad::passes
