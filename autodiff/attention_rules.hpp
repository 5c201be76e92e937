#pragma once

#include <ctgrad/autodiff/tree_vectors.hpp>
#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/ops/attention_backward.hpp>

/// The derivatives of attention: the backward from the kept log-sum-exp is one operation, everything else
/// follows from the definition.
namespace ctgrad::autodiff {

/// A node under `vmap` as its definition under `vmap`.
constexpr Value batch_by_definition(const BatchArguments& b) {
  std::vector<Value> placeholders;
  std::vector<Value> batched;
  Value operands[max_operands];
  for (int i = 0; i < b.node.operand_count; ++i) {
    operands[i] = b.operands[i];
    if (!b.batched[i]) continue;
    const Type& type = b.operands[i].type();
    operands[i] = ops::input(b.graph, {type.kind, dropped_axis(type.shape, 0)});
    placeholders.push_back(operands[i]);
    batched.push_back(b.operands[i]);
  }
  const Value defined = b.node.operation->definition({b.graph, operands, b.node.type, b.node.attributes});
  Vectorizer vectorizer(b.graph, placeholders, batched, b.count);
  vectorizer.walk({&defined, 1});
  return vectorizer.batched(defined);
}

/// Fresh inputs of the types of some values.
constexpr std::vector<Value> placeholders_like(const Value* values, int count) {
  std::vector<Value> placeholders;
  for (int i = 0; i < count; ++i) placeholders.push_back(ops::input(*values[i].graph, values[i].type()));
  return placeholders;
}

/// q, k, v, [mask], [bias], [key] among operands that have `others` more between them.
constexpr std::vector<Value> attention_operands(const Value* operands, const Attributes& attributes,
                                                int others) {
  const ops::AttentionForm form(attributes);
  std::vector<Value> x(operands, operands + 3);
  for (int i = 3; i < 3 + form.others(); ++i) x.push_back(operands[i + others]);
  return x;
}

/// The tangent of attention's definition along dq, dk and dv.
constexpr Value attention_tangent(Graph& graph, const Attributes& attributes, const std::vector<Value>& x,
                                  const Value* directions) {
  std::vector<Value> placeholders = placeholders_like(x.data(), 3);
  std::vector<Dual> duals;
  for (std::size_t i = 0; i < 3; ++i) duals.push_back({x[i], directions[i]});
  std::vector<Value> operands = placeholders;
  operands.insert(operands.end(), x.begin() + 3, x.end());
  const Value defined = ops::Attention::definition({graph, operands.data(), {}, attributes});
  return autodiff::push_forward(graph, placeholders, duals, {&defined, 1})[0].tangent;
}

/// The cotangents of q, k and v by transposing that tangent.
constexpr std::vector<Value> attention_cotangents(Graph& graph, const Attributes& attributes,
                                                  const std::vector<Value>& x, Value cotangent) {
  const std::vector<Value> directions = placeholders_like(x.data(), 3);
  const Value tangent = attention_tangent(graph, attributes, x, directions.data());
  return autodiff::transpose(graph, directions, {&tangent, 1}, {&cotangent, 1});
}

}  // namespace ctgrad::autodiff

namespace ctgrad::ops {

constexpr Value Attention::batch(const BatchArguments& b) { return autodiff::batch_by_definition(b); }
constexpr Value AttentionBackward::batch(const BatchArguments& b) { return autodiff::batch_by_definition(b); }
constexpr Value AttentionTangent::batch(const BatchArguments& b) { return autodiff::batch_by_definition(b); }

/// Along q, k and v one operation; where the bias has a tangent, by the definition.
constexpr Value Attention::tangent(const TangentArguments& t) {
  const AttentionForm form(t.attributes);
  Graph& graph = *t.result.graph;
  if (form.bias && !t.tangents[form.bias_operand()].absent()) {
    const Node node = t.result.node();
    return autodiff::tangent_by_definition(graph, node, t.operands, t.tangents);
  }
  std::vector<Value> operands(t.operands, t.operands + 3);
  for (int i = 0; i < 3; ++i)
    operands.push_back(t.tangents[i].absent() ? zeros_like(t.operands[i]) : t.tangents[i]);
  for (int i = 3; i < t.result.node().operand_count; ++i) operands.push_back(t.operands[i]);
  return emit_on<AttentionTangent>(t.attributes, operands);
}

constexpr Value AttentionTangent::definition(const DefinitionArguments& d) {
  return autodiff::attention_tangent(
      d.graph, d.attributes, autodiff::attention_operands(d.operands, d.attributes, 3), d.operands + 3);
}

/// A cotangent that is zero for the log-sum-exp, as all are that come from the weighted sums alone, goes
/// through AttentionBackward.
constexpr Value AttentionTangent::transpose(const TransposeArguments& t) {
  Graph& graph = *t.cotangent.graph;
  if (t.operand < 3 || t.operand > 5)
    throw std::logic_error("attention_tangent: linear in dq, dk and dv alone");
  const std::vector<Value> x = autodiff::attention_operands(t.operands, t.attributes, 3);
  const AttentionExtents extents(x[0].shape(), x[1].shape(), x[2].shape(),
                                 AttentionForm(t.attributes).heads_last);
  const Node& padded = t.cotangent.node();
  const bool of_result = padded.operation == &operation<Pad> && padded.attributes.integers[0] == 0 &&
                         t.cotangent.operand(0).shape().size() == extents.result_size();
  if (!of_result) {
    return autodiff::attention_cotangents(graph, t.attributes, x,
                                          t.cotangent)[static_cast<std::size_t>(t.operand - 3)];
  }
  std::vector<Value> operands(x.begin(), x.begin() + 3);
  operands.push_back(emit_on<Attention>(t.attributes, x));
  operands.push_back(t.cotangent.operand(0));
  operands.insert(operands.end(), x.begin() + 3, x.end());
  const Value all = emit_on<AttentionBackward>(t.attributes, operands);
  std::int32_t begin[max_rank] = {};
  for (int i = 0; i < t.operand - 3; ++i)
    begin[0] += static_cast<std::int32_t>(x[static_cast<std::size_t>(i)].shape().size());
  return reshape(slice(all, begin, shape_of(t.operand_type.shape.size())), t.operand_type.shape);
}

constexpr Value AttentionBackward::definition(const DefinitionArguments& d) {
  const std::vector<Value> x = autodiff::attention_operands(d.operands, d.attributes, 2);
  const Size log_size = d.operands[3].shape()[0] - d.operands[4].shape()[0];
  const Value cotangent = concatenate(d.operands[4], constant(d.graph, 0, shape_of(log_size)), 0);
  std::vector<Value> pulled = autodiff::attention_cotangents(d.graph, d.attributes, x, cotangent);
  for (std::size_t i = 0; i < pulled.size(); ++i) {
    if (pulled[i].absent()) pulled[i] = zeros_like(x[i]);
  }
  return autodiff::flattened(pulled);
}

}  // namespace ctgrad::ops
