#pragma once

#include <ctgrad/ops/attention.hpp>

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

/// The cotangents of an attention's q, k and v behind each other in one vector, each in its operand's layout.
/// Operands: q, k, v, the attention's result, the cotangent of its first part, [mask], [bias],
/// [key].
struct AttentionBackward {
  static constexpr auto name = "attention_backward";
  static constexpr Linearity linearity = Linearity::nonlinear;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    const AttentionOperands operands(x, attributes, 2);
    require_attention(name, operands.types, attributes);
    const AttentionExtents extents(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    require_equal_shapes(name, x[3].shape, shape_of(extents.result_size() + extents.log_size()));
    require_equal_shapes(name, x[4].shape, shape_of(extents.result_size()));
    return {Kind::real, shape_of(x[0].shape.size() + x[1].shape.size() + x[2].shape.size())};
  }

  /// Those of its five products and of the scores.
  static constexpr Size flops(const Type* x, const Type&, const Attributes& attributes) {
    const AttentionExtents e(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    return e.scores().size() * (2 * (3 * e.width + 2 * e.value_width) + 3);
  }

  static constexpr Value definition(const DefinitionArguments& d);
  static constexpr Value batch(const BatchArguments& b);
  template <class Call>
  static void run(const Pointers& p) {
    using At = AttentionCall<Call>;
    constexpr const AttentionExtents& e = At::extents;
    constexpr Size q_size = Call::operand_shape(0).size();
    constexpr Size k_size = Call::operand_shape(1).size();
    typename At::Scalar* result = Call::result(p);
    for (Size i = 0; i < e.lead.size(); ++i) {
      const kernels::AttentionResidual<typename At::Scalar> residual{
          Call::template operand<0>(p) + At::row(i, e.queries),
          Call::template operand<1>(p) + At::row(i, e.keys),
          Call::template operand<2>(p) + At::value(i, e.keys),
          Call::template operand<3>(p) + At::value(i, e.queries),
          Call::template operand<3>(p) + e.result_size() + i * e.queries,
          Call::template operand<4>(p) + At::value(i, e.queries)};
      kernels::attention_backward<At::shape>(
          result + At::row(i, e.queries), result + q_size + At::row(i, e.keys),
          result + q_size + k_size + At::value(i, e.keys), residual, At::scale(), At::template mask<5>(p, i),
          At::template dropout<5>(p, i));
    }
  }
};

/// An attention's tangent along dq, dk and dv. Its transpose is AttentionBackward; it has no kernel.
/// Operands: q, k, v, dq, dk, dv, [mask], [bias], [key].
struct AttentionTangent {
  static constexpr auto name = "attention_tangent";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr bool has_kernel = false;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    for (int i = 0; i < 3; ++i) require_equal_shapes(name, x[i].shape, x[i + 3].shape);
    return Attention::infer(AttentionOperands(x, attributes, 3).types, attributes);
  }

  static constexpr Value definition(const DefinitionArguments& d);
  static constexpr Value transpose(const TransposeArguments& t);
  static constexpr Value batch(const BatchArguments& b);
};

}  // namespace ctgrad::ops
