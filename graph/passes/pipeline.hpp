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
constexpr Graph expand_definitions(const Graph& graph) {
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

/// Calls visit(name, graph) after every pass of the graph's choice; the last graph is the one that is run.
template <class Visit>
constexpr Graph optimize(Graph graph, Visit visit) {
  const auto passed = [&](const char* name, const Graph& next) {
    graph = eliminate_dead(next);
    visit(name, graph);
  };
  const Optimize chosen = graph.passes;
  passed("expand", expand_definitions(eliminate_dead(graph)));
  if (chosen.fold) passed("fold", fold(graph));
  if (chosen.simplify) passed("simplify", simplify(graph));
  if (chosen.attention) passed("attention", fuse_attention(graph));
  passed("outputs", own_outputs(graph));
  return graph;
}

constexpr Graph optimize(const Graph& graph) {
  return optimize(graph, [](const char*, const Graph&) {});
}

}  // namespace ctgrad::passes
