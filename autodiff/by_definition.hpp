#pragma once

#include <ctgrad/autodiff/transpose.hpp>
#include <ctgrad/autodiff/vectorize.hpp>

/// Whatever an operation lacks, from its definition: the definition is emitted on placeholders and
/// transformed. ops/by_definition.hpp says what each function gives.
namespace ctgrad::autodiff {

/// A node's results by its operation's definition, on other operands of the same types. Throws
/// std::logic_error if the operation has none.
constexpr std::vector<Value> defined_results(Graph& graph, const Node& node, const Value* operands) {
  if (node.operation->definition == nullptr) {
    throw std::logic_error(std::string(node.operation->name) +
                           ": the operation gives neither the rule that is needed nor a definition");
  }
  Type types[max_operands];
  const int count = ops::result_types(graph, node, types);
  const Value defined = node.operation->definition({graph, operands, node.type, node.attributes});
  std::vector<Value> results;
  for (int i = 0; i < count; ++i) results.push_back(ops::result(defined, i));
  return results;
}

/// A node's operands with fresh inputs for some of them.
struct DefinitionOperands {
  Value operands[max_operands];
  std::vector<Value> placeholders;

  constexpr void keep(int i, Value operand) { operands[i] = operand; }
  constexpr void replace(int i, const Type& type, Graph& graph) {
    operands[i] = ops::input(graph, type);
    placeholders.push_back(operands[i]);
  }
};

/// One value as it is, several as a tuple.
constexpr Value joined(const std::vector<Value>& results) {
  return results.size() == 1 ? results[0] : ops::tuple(results);
}

constexpr Value tangent_by_definition(Graph& graph, const Node& node, const Value* operands,
                                      const Value* tangents) {
  DefinitionOperands inner;
  std::vector<Dual> duals;
  for (int i = 0; i < node.operand_count; ++i) {
    inner.keep(i, operands[i]);
    if (tangents[i].absent()) continue;
    inner.replace(i, operands[i].type(), graph);
    duals.push_back({operands[i], tangents[i]});
  }
  const std::vector<Value> results = defined_results(graph, node, inner.operands);
  std::vector<Value> found;
  bool any = false;
  for (const Dual& dual : autodiff::push_forward(graph, inner.placeholders, duals, results)) {
    any = any || !dual.tangent.absent();
    found.push_back(dual.tangent);
  }
  if (!any) return {};
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].absent()) found[i] = ops::zeros_like(results[i]);
  }
  return joined(found);
}

constexpr std::vector<Value> cotangents_by_definition(Graph& graph, const Node& node, const Value* operands,
                                                      const bool* linear, const Value* cotangents) {
  DefinitionOperands inner;
  for (int i = 0; i < node.operand_count; ++i) {
    inner.keep(i, operands[i]);
    if (linear[i]) inner.replace(i, operands[i].type(), graph);
  }
  const std::vector<Value> results = defined_results(graph, node, inner.operands);
  std::vector<Value> outputs;
  std::vector<Value> seeds;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (cotangents[i].absent()) continue;
    outputs.push_back(results[i]);
    seeds.push_back(cotangents[i]);
  }
  const std::vector<Value> pulled = autodiff::transpose(graph, inner.placeholders, outputs, seeds);
  std::vector<Value> found(static_cast<std::size_t>(node.operand_count));
  std::size_t next = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (linear[i]) found[i] = pulled[next++];
  }
  return found;
}

constexpr Value cotangent_by_definition(const TransposeArguments& t) {
  bool linear[max_operands] = {};
  linear[t.operand] = true;
  Graph& graph = *t.operands[0].graph;
  return cotangents_by_definition(graph, t.node, t.operands, linear,
                                  t.cotangents)[static_cast<std::size_t>(t.operand)];
}

constexpr Value batch_by_definition(const BatchArguments& b) {
  DefinitionOperands inner;
  std::vector<Value> batched;
  for (int i = 0; i < b.node.operand_count; ++i) {
    inner.keep(i, b.operands[i]);
    if (!b.batched[i]) continue;
    const Type& type = b.operands[i].type();
    inner.replace(i, {type.kind, dropped_axis(type.shape, 0)}, b.graph);
    batched.push_back(b.operands[i]);
  }
  const std::vector<Value> results = defined_results(b.graph, b.node, inner.operands);
  Vectorizer vectorizer(b.graph, inner.placeholders, batched, b.count);
  vectorizer.walk(results);
  std::vector<Value> found;
  for (const Value result : results) found.push_back(vectorizer.batched(result));
  return joined(found);
}

}  // namespace ctgrad::autodiff
