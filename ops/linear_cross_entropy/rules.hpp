#pragma once

#include <ctgrad/ops/by_definition.hpp>
#include <ctgrad/ops/linear_cross_entropy/gradients.hpp>

/// The derivatives of a linear cross-entropy: its tangent along x, weight and bias is one operation, so that
/// the transpose of that is one too. Everything else follows from the definition.
namespace ctgrad::ops {

/// Along x, weight and bias one operation; along the row weights, by the definition.
constexpr Value LinearCrossEntropy::tangent(const TangentArguments& t) {
  const LinearCrossEntropyForm form(t.attributes);
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
  return fused + autodiff::tangent_by_definition(*t.result.graph, node, t.operands, of_weights);
}

constexpr Value LinearCrossEntropyTangent::definition(const DefinitionArguments& d) {
  const LinearCrossEntropyForm form(d.attributes);
  const std::vector<Value> x(d.operands, d.operands + form.operands());
  const Value* along = d.operands + form.operands();
  Value tangents[max_operands];
  for (int i = 0; i < max_operands; ++i) tangents[i] = i < 2 ? along[i] : Value{};
  if (form.bias) tangents[3] = along[2];
  return autodiff::tangent_by_definition(d.graph, node_on<LinearCrossEntropy>(d.attributes, x), x.data(),
                                         tangents);
}

/// The loss is a number, so its gradients are those of cotangent 1, scaled.
constexpr Value LinearCrossEntropyTangent::transpose(const TransposeArguments& t) {
  const int first = LinearCrossEntropyForm(t.attributes).operands();
  if (t.operand < first)
    throw std::logic_error("linear_cross_entropy_tangent: linear in dx, dweight and dbias alone");
  const std::vector<Value> x(t.operands, t.operands + first);
  return t.cotangent * result(emit_on<LinearCrossEntropyGradients>(t.attributes, x), t.operand - first);
}

/// LinearCrossEntropyTangent transposed for the factor as its cotangent, and the loss.
constexpr Value LinearCrossEntropyGradients::definition(const DefinitionArguments& d) {
  const LinearCrossEntropyForm form(d.attributes);
  std::vector<Value> x(d.operands, d.operands + form.operands());
  bool linear[max_operands] = {};
  for (const int i : {0, 1, 3}) {
    if (i == 3 && !form.bias) continue;
    linear[x.size()] = true;
    x.push_back(d.operands[i]);
  }
  const Value cotangent = constant(d.graph, factor(d.attributes));
  const std::vector<Value> pulled = autodiff::cotangents_by_definition(
      d.graph, node_on<LinearCrossEntropyTangent>(form.attributes(), x), x.data(), linear, &cotangent);
  std::vector<Value> results;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (linear[i]) results.push_back(pulled[i].absent() ? zeros_like(x[i]) : pulled[i]);
  }
  results.push_back(linear_cross_entropy_sum(form, d.operands));
  return tuple(results);
}

}  // namespace ctgrad::ops
