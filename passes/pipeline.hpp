#pragma once

#include <ctgrad/passes/expand.hpp>
#include <ctgrad/passes/fold.hpp>
#include <ctgrad/passes/fuse_attention.hpp>
#include <ctgrad/passes/fuse_linear_cross_entropy.hpp>
#include <ctgrad/passes/order_sums.hpp>
#include <ctgrad/passes/own_outputs.hpp>
#include <ctgrad/passes/simplify.hpp>

#include <algorithm>
#include <string_view>

/// The passes that rewrite a graph before it is planned, in their order.
namespace ctgrad::passes {

/// y = attention(x), dy = attention_tangent(x, dx)  ->  both by their definitions, which share the scores:
/// every operation without a kernel gives way to its definition, and so does what it is the tangent of.
constexpr Graph expand_definitions(Graph graph) {
  if (!any_node(graph, lacks_kernel)) return graph;
  std::vector<const Node*> tangents;
  for (const Node& node : graph.nodes()) {
    if (node.operation->tangent_of != nullptr) tangents.push_back(&node);
  }
  const auto chosen = [&](const Node& node) {
    if (lacks_kernel(node)) return true;
    if (node.operation->definition == nullptr) return false;
    return std::ranges::any_of(tangents, [&](const Node* tangent) {
      return tangent->operation->tangent_of == node.operation && tangent->operands[0] == node.operands[0];
    });
  };
  return expand(expand_once(graph, chosen));
}

/// One pass of the pipeline, which `explain` shows by its name.
struct Pass {
  std::string_view name;
  void (*run)(Graph&);
  bool Optimize::*choice = nullptr;  ///< the flag that leaves the pass out; null: the pass always works

  constexpr bool works_on(const Graph& graph) const { return choice == nullptr || graph.passes.*choice; }
};

/// Turns a function that takes a graph and gives another into one that changes a graph.
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
       graph = take_loss_from_gradients(eliminate_dead(std::move(graph)));
       return scale_gradients(eliminate_dead(std::move(graph)));
     }>,
     &Optimize::linear_cross_entropy},
    {"order of sums", change<[](Graph graph) { return order_sums(eliminate_dead(std::move(graph))); }>,
     &Optimize::in_place},
    {"outputs",
     change<[](Graph graph) { return eliminate_dead(own_outputs(eliminate_dead(std::move(graph)))); }>},
};

/// The graph that a program runs: after the passes that graph.passes chooses, of operations that have
/// kernels, without nodes that no output needs, and with memory of its own for every output.
constexpr Graph optimize(Graph graph) {
  for (const Pass& pass : pipeline) {
    if (pass.works_on(graph)) pass.run(graph);
  }
  return graph;
}

}  // namespace ctgrad::passes
