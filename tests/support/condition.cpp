#include <support/condition.hpp>

#include <ctgrad/autodiff/by_definition.hpp>
#include <ctgrad/passes/eliminate.hpp>

#include <cmath>

namespace ctgrad::test {

namespace {

/// The graph whose inputs are those of `graph`, then a tangent for each real one, and whose outputs are the
/// tangents of its outputs.
Graph tangents_of(Graph graph) {
  std::vector<Value> placeholders;
  std::vector<autodiff::Dual> duals;
  std::vector<Value> outputs;
  const std::vector<std::int32_t> inputs = graph.inputs;
  for (const std::int32_t output : graph.outputs) outputs.push_back({&graph, output});
  for (const std::int32_t id : inputs) {
    if (graph[id].type.kind != Kind::real) continue;
    placeholders.push_back({&graph, id});
    duals.push_back({{&graph, id}, ops::input(graph, graph[id].type)});
    graph.inputs.push_back(duals.back().tangent.id);
  }
  graph.outputs.clear();
  const std::vector<autodiff::Dual> found = autodiff::push_forward(graph, placeholders, duals, outputs);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Value tangent = found[i].tangent;
    graph.outputs.push_back(tangent.absent() || found[i].primal.kind() != Kind::real
                                ? ops::zeros_like(found[i].primal).id
                                : tangent.id);
  }
  return passes::eliminate_dead(graph);
}

}  // namespace

std::vector<Numbers> conditions(const Graph& graph, const std::vector<Numbers>& inputs) {
  const Graph derivative = tangents_of(graph);
  std::vector<Numbers> all = inputs;
  std::vector<std::size_t> real;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph[graph.inputs[i]].type.kind == Kind::real) real.push_back(i);
  }
  for (const std::size_t i : real) all.emplace_back(extents(graph[graph.inputs[i]].type.shape), 0.0);
  std::vector<Numbers> sums;
  for (const std::int32_t id : graph.outputs) sums.emplace_back(extents(graph[id].type.shape), 0.0);
  for (std::size_t k = 0; k < real.size(); ++k) {
    Numbers& direction = all[inputs.size() + k];
    for (std::size_t j = 0; j < direction.size(); ++j) {
      direction.data()[j] = inputs[real[k]].data()[j];
      const std::vector<Numbers> tangents = interpret(derivative, all);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        for (std::size_t element = 0; element < sums[i].size(); ++element)
          sums[i].data()[element] += std::abs(tangents[i].data()[element]);
      }
      direction.data()[j] = 0;
    }
  }
  return sums;
}

}  // namespace ctgrad::test
