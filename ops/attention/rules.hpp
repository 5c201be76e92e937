#pragma once

#include <ctgrad/ops/attention/backward.hpp>
#include <ctgrad/ops/by_definition.hpp>

/// The derivatives of attention: its tangent along q, k and v is one operation, so that the transpose of that
/// is one too. Everything else follows from the definition.
namespace ctgrad::ops {

/// Three operands from q on, three others, then [mask], [bias], [key].
constexpr std::vector<Value> attention_operands(const Value* q, const Value* others, const Value* mask,
                                                const AttentionForm& form) {
  std::vector<Value> operands(q, q + 3);
  operands.insert(operands.end(), others, others + 3);
  operands.insert(operands.end(), mask, mask + form.others());
  return operands;
}

/// The attention's own operands among those of its tangent.
constexpr std::vector<Value> attention_operands(const Value* tangent_operands, const AttentionForm& form) {
  std::vector<Value> operands(tangent_operands, tangent_operands + 3);
  operands.insert(operands.end(), tangent_operands + 6, tangent_operands + 6 + form.others());
  return operands;
}

/// Along q, k and v one operation; where the bias has a tangent, by the definition.
constexpr Value Attention::tangent(const TangentArguments& t) {
  const AttentionForm form(t.attributes);
  if (form.bias && !t.tangents[form.bias_operand()].absent()) {
    const Node node = t.result.node();
    return autodiff::tangent_by_definition(*t.result.graph, node, t.operands, t.tangents);
  }
  Value along[3];
  for (int i = 0; i < 3; ++i) along[i] = t.tangents[i].absent() ? zeros_like(t.operands[i]) : t.tangents[i];
  return emit_on<AttentionTangent>(t.attributes, attention_operands(t.operands, along, t.operands + 3, form));
}

constexpr Value AttentionTangent::definition(const DefinitionArguments& d) {
  const std::vector<Value> x = attention_operands(d.operands, AttentionForm(d.attributes));
  Value along[max_operands];
  for (int i = 0; i < max_operands; ++i) along[i] = i < 3 ? d.operands[3 + i] : Value{};
  return autodiff::tangent_by_definition(d.graph, node_on<Attention>(d.attributes, x), x.data(), along);
}

/// The cotangent of the weighted sums goes through AttentionBackward; where the log-sum-exp has one too, the
/// definition tells.
constexpr Value AttentionTangent::transpose(const TransposeArguments& t) {
  if (t.operand < 3 || t.operand > 5)
    throw std::logic_error("attention_tangent: linear in dq, dk and dv alone");
  if (!t.cotangents[1].absent()) return autodiff::cotangent_by_definition(t);
  const AttentionForm form(t.attributes);
  const Value attention = emit_on<Attention>(t.attributes, attention_operands(t.operands, form));
  const Value others[] = {result(attention, 0), result(attention, 1), t.cotangents[0]};
  return result(
      emit_on<AttentionBackward>(t.attributes, attention_operands(t.operands, others, t.operands + 6, form)),
      t.operand - 3);
}

/// AttentionTangent transposed for a cotangent of the weighted sums alone.
constexpr Value AttentionBackward::definition(const DefinitionArguments& d) {
  const std::vector<Value> x =
      attention_operands(d.operands, d.operands, d.operands + 6, AttentionForm(d.attributes));
  const bool linear[max_operands] = {false, false, false, true, true, true};
  const Value cotangents[] = {d.operands[5], {}};
  const std::vector<Value> pulled = autodiff::cotangents_by_definition(
      d.graph, node_on<AttentionTangent>(d.attributes, x), x.data(), linear, cotangents);
  std::vector<Value> results;
  for (std::size_t i = 0; i < 3; ++i)
    results.push_back(pulled[3 + i].absent() ? zeros_like(x[i]) : pulled[3 + i]);
  return tuple(results);
}

}  // namespace ctgrad::ops
