#pragma once

#include <ctgrad/autodiff/by_definition.hpp>

/// Graphs of the derivatives of a graph, at run time as at compile time. The graph's outputs are real.
namespace ctgrad::autodiff {

/// The real ones among the first `count` inputs.
constexpr std::vector<Value> real_inputs(Graph& graph, std::size_t count) {
  std::vector<Value> result;
  for (std::size_t i = 0; i < count; ++i) {
    if (graph[graph.inputs[i]].type.kind == Kind::real) result.push_back({&graph, graph.inputs[i]});
  }
  return result;
}

constexpr std::vector<Value> outputs_of(Graph& graph) {
  std::vector<Value> result;
  for (const std::int32_t id : graph.outputs) result.push_back({&graph, id});
  return result;
}

/// New inputs, one like each of the given values.
constexpr std::vector<Value> inputs_like(Graph& graph, const std::vector<Value>& values) {
  std::vector<Value> result;
  for (const Value value : values) {
    result.push_back(ops::input(graph, value.type()));
    graph.inputs.push_back(result.back().id);
  }
  return result;
}

constexpr std::vector<Dual> pushed_forward(Graph& graph, const std::vector<Value>& inputs,
                                           const std::vector<Value>& tangents) {
  const std::vector<Value> outputs = outputs_of(graph);
  std::vector<Dual> duals;
  for (std::size_t i = 0; i < inputs.size(); ++i) duals.push_back({inputs[i], tangents[i]});
  return autodiff::push_forward(graph, inputs, duals, outputs);
}

/// (x...) -> y... becomes (x..., dx...) -> y..., dy...: a tangent for every real one of the first `count`
/// inputs, of all outputs, which are real.
constexpr Graph jvp_graph(Graph graph, std::size_t count) {
  const std::vector<Value> inputs = real_inputs(graph, count);
  const std::vector<Value> tangents = inputs_like(graph, inputs);
  for (const Dual& dual : pushed_forward(graph, inputs, tangents))
    graph.outputs.push_back(dual.tangent.absent() ? ops::zeros_like(dual.primal).id : dual.tangent.id);
  return graph;
}

/// (x...) -> y... becomes (x..., u...) -> y..., J^T u...: a cotangent for every output, which are real, of
/// all real inputs.
constexpr Graph vjp_graph(Graph graph) {
  const std::vector<Value> inputs = real_inputs(graph, graph.inputs.size());
  const std::vector<Value> cotangents = inputs_like(graph, outputs_of(graph));
  std::vector<Value> directions;
  for (const Value input : inputs) directions.push_back(ops::input(graph, input.type()));
  std::vector<Value> outputs;
  std::vector<Value> seeds;
  const std::vector<Dual> duals = pushed_forward(graph, inputs, directions);
  for (std::size_t i = 0; i < duals.size(); ++i) {
    if (duals[i].tangent.absent()) continue;
    outputs.push_back(duals[i].tangent);
    seeds.push_back(cotangents[i]);
  }
  const std::vector<Value> pulled = autodiff::transpose(graph, directions, outputs, seeds);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    graph.outputs.push_back(pulled[i].absent() ? ops::zeros_like(inputs[i]).id : pulled[i].id);
  return graph;
}

/// (x...) -> y... becomes (x..., u...) -> J^T u...: the gradient of <u, y>.
constexpr Graph gradient_graph(const Graph& graph) {
  Graph result = vjp_graph(graph);
  result.outputs.erase(result.outputs.begin(),
                       result.outputs.begin() + static_cast<std::ptrdiff_t>(graph.outputs.size()));
  return result;
}

}  // namespace ctgrad::autodiff
