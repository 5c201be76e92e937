#pragma once

#include <ctgrad/graph/passes/expand.hpp>
#include <ctgrad/graph/passes/fold.hpp>
#include <ctgrad/graph/passes/fuse_attention.hpp>
#include <ctgrad/graph/passes/fuse_linear_cross_entropy.hpp>
#include <ctgrad/graph/passes/order_sums.hpp>
#include <ctgrad/graph/passes/simplify.hpp>
#include <ctgrad/graph/passes/storage.hpp>

#include <string_view>

/// The passes in their order.
namespace ctgrad::passes {

/// y = attention(x), dy = attention_tangent(x, dx)  ->  both by their definitions, which share the scores;
/// the same of linear cross-entropies and their logits; and whatever else has no kernel.
constexpr Graph expand_definitions(Graph graph) {
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

/// A pass as the pipeline and `explain` know it.
struct Pass {
  std::string_view name;
  void (*run)(Graph&);
  bool Optimize::*choice = nullptr;  ///< leaves the pass out where it is false; without one it always works

  constexpr bool works_on(const Graph& graph) const { return choice == nullptr || graph.passes.*choice; }
};

/// A pass that takes a graph and gives another, as one that changes it.
template <auto Function>
constexpr void change(Graph& graph) {
  graph = Function(std::move(graph));
}

inline constexpr Pass pipeline[] = {
    {"dead nodes", change<eliminate_dead>},
    {"definitions", change<expand_definitions>},
    {"constants", change<fold>, &Optimize::fold},
    {"algebra", change<simplify>, &Optimize::simplify},
    {"attention", change<[](Graph graph) { return fuse_attention(eliminate_dead(std::move(graph))); }>,
     &Optimize::attention},
    {"linear cross-entropy", change<[](Graph graph) {
       graph = fuse_linear_cross_entropy(eliminate_dead(std::move(graph)));
       return take_loss_from_gradients(eliminate_dead(std::move(graph)));
     }>,
     &Optimize::linear_cross_entropy},
    {"order of sums", change<[](Graph graph) { return order_sums(eliminate_dead(std::move(graph))); }>,
     &Optimize::in_place},
    {"outputs",
     change<[](Graph graph) { return eliminate_dead(own_outputs(eliminate_dead(std::move(graph)))); }>},
};

/// What the planner does with the graph that is left, and the choice that leaves it out.
struct PlanPass {
  std::string_view name;
  bool Optimize::*choice;
};

inline constexpr PlanPass plan_passes[] = {
    {"groups by elements and rows", &Optimize::elementwise},
    {"epilogues", &Optimize::epilogue},
    {"results in place", &Optimize::in_place},
};

/// The graph that is run: of operations that have kernels, after the passes of its choice, without dead
/// nodes, and with memory of their own for outputs.
constexpr Graph optimize(Graph graph) {
  for (const Pass& pass : pipeline) {
    if (pass.works_on(graph)) pass.run(graph);
  }
  return graph;
}

}  // namespace ctgrad::passes
