#pragma once

#include <ctgrad/ops/attention/bf16_call.hpp>

namespace ctgrad::ops {

/// Operands q, k, v, [mask], [bias], [key] in every form.
constexpr std::vector<Sample> attention_samples() {
  using namespace sample;
  const auto form = [](auto change) {
    AttentionForm changed;
    changed.scale = 0.7;
    change(changed);
    return changed.attributes();
  };
  const auto plain = [](AttentionForm&) {};
  const auto masked = [](AttentionForm& f) { f.mask = true; };
  const auto biased = [](AttentionForm& f) { f.bias = true; };
  const auto dropped = [](AttentionForm& f) { f.threshold = 0x60000000; };
  return {
      {{real(1, 1), real(1, 1), real(1, 1)}, form(plain)},
      {{real(5, 2), real(3, 2), real(3, 4)}, form(plain)},
      {{real(17, 3), real(18, 3), real(18, 1)}, form(plain)},
      {{real(2, 2, 3, 2), real(2, 2, 4, 2), real(2, 2, 4, 3)}, form(plain)},
      {{real(0, 2), real(3, 2), real(3, 2)}, form(plain)},
      {{real(3, 2, 4), real(5, 2, 4), real(5, 2, 3)}, form([](AttentionForm& f) { f.heads_last = true; })},
      {{real(2, 3, 2, 2), real(2, 3, 2, 2), real(2, 3, 2, 2)},
       form([](AttentionForm& f) { f.heads_last = f.causal = true; })},
      {{real(4, 2), real(4, 2), real(4, 3)}, form([](AttentionForm& f) { f.causal = true; })},
      {{real(4, 2), real(3, 2), real(3, 3)}, form([](AttentionForm& f) {
         f.causal = true;
         f.fill = -2;
       })},
      {{real(4, 3), real(5, 3), real(5, 2), mask(4, 5)}, form(masked)},
      {{real(2, 3, 2), real(2, 4, 2), real(2, 4, 2), mask(2, 1, 4)}, form([](AttentionForm& f) {
         f.mask = f.excluded = true;
         f.fill = -1;
       })},
      {{real(3, 2), real(4, 2), real(4, 2), real(1, 4)}, form(biased)},
      {{real(2, 3, 2, 2), real(2, 4, 2, 2), real(2, 4, 2, 2), mask(1, 2, 3, 4), real(2, 1, 1, 4)},
       form([](AttentionForm& f) { f.mask = f.bias = f.heads_last = true; })},
      {{real(5, 2), real(6, 2), real(6, 4), index(4)}, form(dropped)},
      {{real(2, 3, 2, 2), real(2, 3, 2, 2), real(2, 3, 2, 3), index(4)}, form([](AttentionForm& f) {
         f.heads_last = f.causal = true;
         f.threshold = 0x80000000;
       })},
      {{real(2, 3, 2), real(2, 4, 2), real(2, 4, 2), mask(2, 1, 4), real(1, 3, 1), index(4)},
       form([](AttentionForm& f) {
         f.mask = f.bias = true;
         f.fill = -1;
         f.threshold = 0x40000000;
       })},
  };
}

/// softmax(scale q k^T, masked) v and the log-sum-exp of the scores, two results: [lead..., T, value_width]
/// (heads where q has them) and [lead..., T]. A query that sees no key gives 0 and -inf. Some of the weights
/// may be dropped, by a `keep_mask` of all scores' shape. Operands: q, k, v, [mask], [bias], [key].
struct Attention {
  static constexpr auto name = "attention";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr std::uint32_t reads_bf16 = 0b111;
  static constexpr bool writes_bf16 = true;
  static constexpr int first_float_result = 1;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_attention(name, x, attributes);
    return vector_of_results<Attention>(x, attributes);
  }

  static constexpr int results(const Type* x, const Attributes& attributes, Type* results) {
    const AttentionExtents extents(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    results[0] = x[0];
    results[0].shape[x[0].shape.rank - 1] = extents.value_width;
    results[1] = {Kind::real, extents.logs()};
    return 2;
  }

  /// Those of its two products and of the scores.
  static constexpr Size flops(const Type* x, const Type&, const Attributes& attributes) {
    const AttentionExtents e(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    return e.scores().size() * (2 * (e.width + e.value_width) + 2);
  }

  /// Heads of samples.
  static constexpr Size parts(const Type* x, const Type&, const Attributes& attributes) {
    return AttentionExtents(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last)
        .lead.size();
  }

  static constexpr Value definition(const DefinitionArguments& d) {
    const AttentionForm form(d.attributes);
    const Value scores = attention_scores(form, d.operands);
    const Value weights = attention_weights(form, d.operands, scores);
    const Value result = matmul(weights, swap_heads(d.operands[2], form.heads_last));
    return tuple({swap_heads(result, form.heads_last),
                  reshape(log_sum_exp(scores), dropped_axis(scores.shape(), -1))});
  }

  static constexpr Value tangent(const TangentArguments& t);

  static constexpr Samples samples() {
    using namespace sample;
    Samples samples{attention_samples(), {}};
    samples.refused = {{{real(3, 2), real(4, 3), real(4, 2)}},
                       {{real(3, 2), real(4, 2), real(5, 2)}},
                       {{real(2), real(2), real(2)}},
                       {{real(3, 2), real(4, 2), index(4, 2)}},
                       {{real(2, 3, 2), real(4, 2), real(4, 2)}}};
    AttentionForm dropped;
    dropped.threshold = 1;
    for (const Sample::Operand& key : {index(3), real(4), index(2, 4)})
      samples.refused.push_back({{real(3, 2), real(4, 2), real(4, 2), key}, dropped.attributes()});
    return samples;
  }

  static constexpr Size bf16_scratch(const Type* x, const Type&, const Attributes& attributes) {
    const AttentionExtents e(x[0].shape, x[1].shape, x[2].shape, AttentionForm(attributes).heads_last);
    return FloatRows::doubles(e, 1, 1, 1, 1);
  }

  template <class Call>
  static void run(const Pointers& p) {
    using At = AttentionCall<Call>;
    if constexpr (Call::planned.bf16 != 0) {
      run_in_floats<Call>(p);
    } else {
      const auto part = Call::part(p);
      for (Size i = part.begin(At::extents.lead.size()); i < part.end(At::extents.lead.size()); ++i) {
        kernels::attention<At::shape>(Call::template result<0>(p) + At::value(i, At::extents.queries),
                                      Call::template result<1>(p) + i * At::extents.queries,
                                      Call::template operand<0>(p) + At::row(i, At::extents.queries),
                                      Call::template operand<1>(p) + At::row(i, At::extents.keys),
                                      Call::template operand<2>(p) + At::value(i, At::extents.keys),
                                      At::scale(), At::template mask<3>(p, i), At::template dropout<3>(p, i));
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
      const float* q =
          rows.take(Call::template operand<0>(p) + At::row(i, e.queries), e.queries, width, At::shape.row);
      const float* k =
          rows.take(Call::template operand<1>(p) + At::row(i, e.keys), e.keys, width, At::shape.row);
      const float* v = rows.take(Call::template operand<2>(p) + At::value(i, e.keys), e.keys, value_width,
                                 At::shape.value_row);
      float* result = rows.make(e.queries, e.value_width);
      kernels::attention<side_by_side(At::shape)>(result, Call::template result<1>(p) + i * e.queries, q, k,
                                                  v, At::scale(), At::template mask<3>(p, i),
                                                  At::template dropout<3>(p, i));
      FloatRows::give(Call::template result<0>(p) + At::value(i, e.queries), result, e.queries, value_width,
                      At::shape.value_row);
    }
  }
};

}  // namespace ctgrad::ops
