#pragma once

#include <ctgrad/ops/attention/attention.hpp>

namespace ctgrad::ops {

/// The types of q, k, v, [mask], [bias], [key] among an attention backward's operands.
struct AttentionOperands {
  Type types[6];

  constexpr AttentionOperands(const Type* x, const Attributes& attributes, int others) {
    const AttentionForm form(attributes);
    for (int i = 0; i < 3; ++i) types[i] = x[i];
    for (int i = 3; i < 3 + form.others(); ++i) types[i] = x[i + others];
  }
};

/// The cotangents of an attention's q, k and v, three results, each in its operand's layout. Operands: q, k,
/// v, the attention's two results, the cotangent of the first, [mask], [bias], [key].
struct AttentionBackward {
  static constexpr auto name = "attention_backward";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr std::uint32_t reads_bf16 = 0b101111;  // of the attention's results not the log-sum-exp
  static constexpr bool writes_bf16 = true;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    const AttentionOperands operands(x, attributes, 3);
    require_attention(name, operands.types, attributes);
    Type attention[max_operands];
    Attention::results(x, attributes, attention);
    for (int i = 0; i < 2; ++i) require_equal_shapes(name, x[3 + i].shape, attention[i].shape);
    require_equal_shapes(name, x[5].shape, attention[0].shape);
    return vector_of_results<AttentionBackward>(x, attributes);
  }

  static constexpr int results(const Type* x, const Attributes&, Type* results) {
    for (int i = 0; i < 3; ++i) results[i] = x[i];
    return 3;
  }

  /// Those of its five products and of the scores.
  static constexpr Size flops(const Type* x, const Type&, const Attributes& attributes) {
    const AttentionExtents e(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    return e.scores().size() * (2 * (3 * e.width + 2 * e.value_width) + 3);
  }

  /// Heads of samples.
  static constexpr Size parts(const Type* x, const Type&, const Attributes& attributes) {
    return AttentionExtents(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last)
        .lead.size();
  }

  static constexpr Value definition(const DefinitionArguments& d);

  static constexpr Size bf16_scratch(const Type* x, const Type&, const Attributes& attributes) {
    const AttentionExtents e(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    return FloatRows::doubles(e, 2, 2, 2, 2);
  }

  template <class Call>
  static void run(const Pointers& p) {
    using At = AttentionCall<Call>;
    constexpr const AttentionExtents& e = At::extents;
    if constexpr (Call::planned.bf16 != 0) {
      run_in_floats<Call>(p);
    } else {
      const auto part = Call::part(p);
      for (Size i = part.begin(e.lead.size()); i < part.end(e.lead.size()); ++i) {
        const kernels::AttentionResidual<typename At::Scalar> residual{
            Call::template operand<0>(p) + At::row(i, e.queries),
            Call::template operand<1>(p) + At::row(i, e.keys),
            Call::template operand<2>(p) + At::value(i, e.keys),
            Call::template operand<3>(p) + At::value(i, e.queries),
            Call::template operand<4>(p) + i * e.queries,
            Call::template operand<5>(p) + At::value(i, e.queries)};
        kernels::attention_backward<At::shape>(Call::template result<0>(p) + At::row(i, e.queries),
                                               Call::template result<1>(p) + At::row(i, e.keys),
                                               Call::template result<2>(p) + At::value(i, e.keys), residual,
                                               At::scale(), At::template mask<6>(p, i),
                                               At::template dropout<6>(p, i));
      }
    }
  }

 private:
  template <class Call>
  static void run_in_floats(const Pointers& p) {
    using At = AttentionCall<Call>;
    constexpr const AttentionExtents& e = At::extents;
    constexpr std::integral_constant<Size, e.width> width;
    constexpr std::integral_constant<Size, e.value_width> value_width;
    for (Size i = 0; i < e.lead.size(); ++i) {
      FloatRows rows(p.scratch);
      const Size query = At::row(i, e.queries), key = At::row(i, e.keys);
      const Size value = At::value(i, e.keys), sum = At::value(i, e.queries);
      const kernels::AttentionResidual<float> residual{
          rows.take(Call::template operand<0>(p) + query, e.queries, width, At::shape.row),
          rows.take(Call::template operand<1>(p) + key, e.keys, width, At::shape.row),
          rows.take(Call::template operand<2>(p) + value, e.keys, value_width, At::shape.value_row),
          rows.take(Call::template operand<3>(p) + sum, e.queries, value_width, At::shape.value_row),
          Call::template operand<4>(p) + i * e.queries,
          rows.take(Call::template operand<5>(p) + sum, e.queries, value_width, At::shape.value_row)};
      float* dq = rows.make(e.queries, e.width);
      float* dk = rows.make(e.keys, e.width);
      float* dv = rows.make(e.keys, e.value_width);
      kernels::attention_backward<side_by_side(At::shape)>(
          dq, dk, dv, residual, At::scale(), At::template mask<6>(p, i), At::template dropout<6>(p, i));
      FloatRows::give(Call::template result<0>(p) + query, dq, e.queries, width, At::shape.row);
      FloatRows::give(Call::template result<1>(p) + key, dk, e.keys, width, At::shape.row);
      FloatRows::give(Call::template result<2>(p) + value, dv, e.keys, value_width, At::shape.value_row);
    }
  }
};

/// The tangents of an attention's two results along dq, dk and dv. Its transpose is AttentionBackward; it has
/// no kernel. Operands: q, k, v, dq, dk, dv, [mask], [bias], [key].
struct AttentionTangent {
  static constexpr auto name = "attention_tangent";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr bool has_kernel = false;
  using TangentOf = Attention;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    for (int i = 0; i < 3; ++i) require_equal_shapes(name, x[i].shape, x[i + 3].shape);
    return Attention::infer(AttentionOperands(x, attributes, 3).types, attributes);
  }
  static constexpr int results(const Type* x, const Attributes& attributes, Type* results) {
    return Attention::results(x, attributes, results);
  }

  static constexpr Value definition(const DefinitionArguments& d);
  static constexpr Value transpose(const TransposeArguments& t);
};

}  // namespace ctgrad::ops
