#pragma once

#include <ctgrad/autodiff/attention_rules.hpp>
#include <ctgrad/ops/linear_cross_entropy_gradients.hpp>

/// The derivatives of a linear cross-entropy: its gradients are one operation, everything else follows from
/// the definition.
namespace ctgrad::autodiff {

/// x, weight and, if there is one, bias among operands.
constexpr std::vector<Value> linear_cross_entropy_inputs(const Value* x, const Attributes& attributes) {
  std::vector<Value> inputs(x, x + 2);
  if (ops::LinearCrossEntropyForm(attributes).bias) inputs.push_back(x[3]);
  return inputs;
}

/// The tangent of the definition along dx, dweight and dbias.
constexpr Value linear_cross_entropy_tangent(Graph& graph, const Attributes& attributes, const Value* x,
                                             const Value* directions) {
  const ops::LinearCrossEntropyForm form(attributes);
  const std::vector<Value> inputs = linear_cross_entropy_inputs(x, attributes);
  const std::vector<Value> placeholders = placeholders_like(inputs.data(), static_cast<int>(inputs.size()));
  std::vector<Dual> duals;
  for (std::size_t i = 0; i < inputs.size(); ++i) duals.push_back({inputs[i], directions[i]});
  std::vector<Value> operands(x, x + form.operands());
  operands[0] = placeholders[0];
  operands[1] = placeholders[1];
  if (form.bias) operands[3] = placeholders[2];
  const Value defined = ops::linear_cross_entropy_sum(form, operands.data());
  return autodiff::push_forward(graph, placeholders, duals, {&defined, 1})[0].tangent;
}

}  // namespace ctgrad::autodiff

namespace ctgrad::ops {

constexpr Value LinearCrossEntropy::batch(const BatchArguments& b) {
  return autodiff::batch_by_definition(b);
}
constexpr Value LinearCrossEntropyGradients::batch(const BatchArguments& b) {
  return autodiff::batch_by_definition(b);
}
constexpr Value LinearCrossEntropyTangent::batch(const BatchArguments& b) {
  return autodiff::batch_by_definition(b);
}

/// Along x, weight and bias one operation; along the row weights, by the definition.
constexpr Value LinearCrossEntropy::tangent(const TangentArguments& t) {
  const LinearCrossEntropyForm form(t.attributes);
  Graph& graph = *t.result.graph;
  const Node node = t.result.node();
  std::vector<Value> operands(t.operands, t.operands + form.operands());
  bool any = false;
  for (const int i : {0, 1, 3}) {
    if (i == 3 && !form.bias) continue;
    any = any || !t.tangents[i].absent();
    operands.push_back(t.tangents[i].absent() ? zeros_like(t.operands[i]) : t.tangents[i]);
  }
  const Value fused = any ? emit_on<LinearCrossEntropyTangent>(t.attributes, operands) : Value{};
  if (!form.weighted || t.tangents[form.row_weights()].absent()) return fused;
  Value of_weights[max_operands];
  of_weights[form.row_weights()] = t.tangents[form.row_weights()];
  return fused + autodiff::tangent_by_definition(graph, node, t.operands, of_weights);
}

constexpr Value LinearCrossEntropyTangent::definition(const DefinitionArguments& d) {
  return autodiff::linear_cross_entropy_tangent(d.graph, d.attributes, d.operands,
                                                d.operands + LinearCrossEntropyForm(d.attributes).operands());
}

/// The loss is a number, so its gradients are those of cotangent 1, scaled.
constexpr Value LinearCrossEntropyTangent::transpose(const TransposeArguments& t) {
  const LinearCrossEntropyForm form(t.attributes);
  const int part = t.operand - form.operands();
  if (part < 0) throw std::logic_error("linear_cross_entropy_tangent: linear in dx, dweight and dbias alone");
  const std::vector<Value> operands(t.operands, t.operands + form.operands());
  const Value all = emit_on<LinearCrossEntropyGradients>(t.attributes, operands);
  const LinearCrossEntropyParts parts(operands[0].shape(), operands[1].shape(), form.bias);
  const Shape& shape = t.operand_type.shape;
  return t.cotangent * reshape(autodiff::elements(all, parts.begin[part], shape.size()), shape);
}

constexpr Value LinearCrossEntropyGradients::definition(const DefinitionArguments& d) {
  const LinearCrossEntropyForm form(d.attributes);
  const std::vector<Value> inputs = autodiff::linear_cross_entropy_inputs(d.operands, d.attributes);
  const std::vector<Value> directions =
      autodiff::placeholders_like(inputs.data(), static_cast<int>(inputs.size()));
  const Value tangent =
      autodiff::linear_cross_entropy_tangent(d.graph, d.attributes, d.operands, directions.data());
  const Value one = constant(d.graph, 1);
  std::vector<Value> parts = autodiff::transpose(d.graph, directions, {&tangent, 1}, {&one, 1});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].absent()) parts[i] = zeros_like(inputs[i]);
  }
  parts.push_back(linear_cross_entropy_sum(form, d.operands));
  const LinearCrossEntropyParts offsets(inputs[0].shape(), inputs[1].shape(), form.bias);
  parts.push_back(constant(d.graph, 0, shape_of(offsets.size - offsets.loss - 1)));
  return autodiff::flattened(parts);
}

}  // namespace ctgrad::ops
