#pragma once

#include <ctgrad/kernels/attention_backward.hpp>
#include <ctgrad/ops/attention/form.hpp>
#include <ctgrad/ops/pointers.hpp>

/// What the kernels of attention are told.
namespace ctgrad::ops {

/// Where one attention's operands lie, for each of its leading positions.
template <class Call>
struct AttentionCall {
  using Scalar = typename Call::Element;
  static constexpr AttentionForm form{Call::attributes};
  static constexpr AttentionExtents extents{Call::operand_shape(0), Call::operand_shape(1),
                                            Call::operand_shape(2), form.heads_last};
  static constexpr kernels::AttentionShape shape{extents.queries,
                                                 extents.keys,
                                                 extents.width,
                                                 extents.value_width,
                                                 extents.heads* extents.width,
                                                 extents.heads* extents.value_width,
                                                 form.causal,
                                                 form.mask,
                                                 form.bias,
                                                 form.threshold};

  static constexpr Scalar scale() { return static_cast<Scalar>(form.scale); }

  /// Where rows of q or k, or of v, begin for leading position i.
  static constexpr Size row(Size i, Size length) { return first_row(i, length) * extents.width; }
  static constexpr Size value(Size i, Size length) { return first_row(i, length) * extents.value_width; }

  /// The mask and the bias, the operands from `First` on, for leading position i.
  template <std::size_t First>
  static kernels::AttentionMask<Scalar> mask(const Pointers& p, Size i) {
    kernels::AttentionMask<Scalar> found;
    found.fill = static_cast<Scalar>(form.fill);
    found.excluded = form.excluded;
    if constexpr (form.mask) {
      static constexpr Shape strides = repeating_strides(Call::operand_shape(First));
      found.mask = Call::template operand<First>(p) + lead_offset(i, strides);
      found.mask_row = strides[strides.rank - 2];
      found.mask_column = strides[strides.rank - 1];
    }
    if constexpr (form.bias) {
      constexpr std::size_t operand = First + (form.mask ? 1 : 0);
      static constexpr Shape strides = repeating_strides(Call::operand_shape(operand));
      found.bias = Call::template operand<operand>(p) + lead_offset(i, strides);
      found.bias_row = strides[strides.rank - 2];
      found.bias_column = strides[strides.rank - 1];
    }
    return found;
  }

  /// Where the random words for leading position i are, by the key behind mask and bias. The mask of all
  /// weights has the first axis of the scores for samples.
  template <std::size_t First>
  static kernels::AttentionDropout dropout(const Pointers& p, Size i) {
    kernels::AttentionDropout found;
    if constexpr (form.threshold > 0) {
      constexpr std::size_t operand = First + static_cast<std::size_t>(form.key_operand() - 3);
      const kernels::KeyWords key(Call::template operand<operand>(p));
      constexpr bool query_is_sample = extents.lead.rank == 0;
      constexpr Size heads = query_is_sample ? 1 : extents.lead.size() / extents.lead[0];
      found.key = key.key;
      found.stream = key.stream;
      found.sample = key.sample + static_cast<std::uint32_t>(i / heads);
      found.row = static_cast<std::uint32_t>(i % heads * extents.queries);
      found.row_stride = query_is_sample ? 0 : 1;
      found.sample_stride = query_is_sample ? 1 : 0;
    }
    return found;
  }

 private:
  static constexpr Size first_row(Size i, Size length) {
    return i / extents.heads * length * extents.heads + (extents.heads == 1 ? 0 : i % extents.heads);
  }

  static constexpr Shape repeating_strides(const Shape& of) {
    Shape strides = row_major_strides(of);
    for (int axis = 0; axis < of.rank; ++axis) strides[axis] = of[axis] == 1 ? 0 : strides[axis];
    return strides;
  }

  static Size lead_offset(Size i, const Shape& strides) {
    Size offset = 0;
    for (int axis = extents.lead.rank - 1; axis >= 0; --axis) {
      offset += i % extents.lead[axis] * strides[axis];
      i /= extents.lead[axis];
    }
    return offset;
  }
};

}  // namespace ctgrad::ops
