#pragma once

#include <ctgrad/kernels/attention.hpp>
#include <ctgrad/ops/iota.hpp>
#include <ctgrad/ops/keep_mask.hpp>
#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/log_sum_exp.hpp>
#include <ctgrad/ops/logical.hpp>
#include <ctgrad/ops/matmul.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/result.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/softmax.hpp>

#include <limits>

/// Scale, mask, softmax, dropout and the product with the values as one operation.
namespace ctgrad::ops {

/// What an attention's attributes say.
struct AttentionForm {
  double scale = 1;
  bool mask = false;      ///< there is a mask operand, [broadcast to lead, T, S]
  bool excluded = false;  ///< the mask's value where a key is left out
  bool bias = false;      ///< there is an operand that is added to the scores, of such a shape
  bool causal = false;    ///< query t sees the keys up to t alone
  bool heads_last =
      false;  ///< heads are the last axis but one, behind the length: [lead..., T, heads, width]
  double fill = -std::numeric_limits<double>::infinity();  ///< the score where a key is left out
  std::uint32_t threshold = 0;  ///< weights are dropped with probability threshold / 2^32, by a key's words

  constexpr AttentionForm() = default;
  constexpr explicit AttentionForm(const Attributes& a)
      : scale(a.value),
        mask((a.integers[0] & 1) != 0),
        excluded((a.integers[0] & 2) != 0),
        bias((a.integers[0] & 4) != 0),
        causal((a.integers[0] & 8) != 0),
        heads_last((a.integers[0] & 16) != 0),
        fill(std::bit_cast<double>(words(a))),
        threshold(static_cast<std::uint32_t>(a.integers[3])) {}

  /// How many of the operands mask, bias and key there are, and which of q, k, v, [mask], [bias], [key] the
  /// last two are.
  constexpr int others() const { return key_operand() - 3 + (threshold > 0 ? 1 : 0); }
  constexpr int bias_operand() const { return mask ? 4 : 3; }
  constexpr int key_operand() const { return bias_operand() + (bias ? 1 : 0); }

  constexpr Attributes attributes() const {
    Attributes a;
    a.value = scale;
    a.integers[0] =
        (mask ? 1 : 0) | (excluded ? 2 : 0) | (bias ? 4 : 0) | (causal ? 8 : 0) | (heads_last ? 16 : 0);
    const auto bits = std::bit_cast<std::uint64_t>(fill);
    a.integers[1] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits >> 32));
    a.integers[2] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
    a.integers[3] = static_cast<std::int32_t>(threshold);
    return a;
  }

 private:
  static constexpr std::uint64_t words(const Attributes& a) {
    return std::uint64_t{static_cast<std::uint32_t>(a.integers[1])} << 32 |
           static_cast<std::uint32_t>(a.integers[2]);
  }
};

/// The extents of an attention's operands: q [lead..., T, width], k [lead..., S, width], v [lead..., S,
/// value_width], heads being the last of `lead` wherever they are stored.
struct AttentionExtents {
  Shape lead;
  Size queries = 0;
  Size keys = 0;
  Size width = 0;
  Size value_width = 0;
  Size heads = 1;  ///< that lie within a row

  constexpr AttentionExtents(const Shape& q, const Shape& k, const Shape& v, bool heads_last)
      : width(q.last()), value_width(v.last()) {
    const int length = q.rank - (heads_last ? 3 : 2);
    for (int axis = 0; axis < length; ++axis) lead.push_back(q[axis]);
    if (heads_last) {
      heads = q[q.rank - 2];
      lead.push_back(heads);
    }
    queries = q[length];
    keys = k[length];
  }

  /// Of the scores' log-sum-exp: [lead..., T].
  constexpr Shape logs() const {
    Shape shape = lead;
    shape.push_back(queries);
    return shape;
  }
  /// Of the scores: [lead..., T, S].
  constexpr Shape scores() const {
    Shape shape = logs();
    shape.push_back(keys);
    return shape;
  }
};

/// Throws std::invalid_argument where operands q, k, v, [mask], [bias], [key] do not fit.
constexpr void require_attention(std::string_view name, const Type* x, const Attributes& attributes) {
  const AttentionForm form(attributes);
  const int least = form.heads_last ? 3 : 2;
  for (int i = 0; i < 3; ++i) require_kind(name, x, i, Kind::real);
  bool fits =
      x[0].shape.rank >= least && x[1].shape.rank == x[0].shape.rank && x[2].shape.rank == x[0].shape.rank;
  const int rank = x[0].shape.rank;
  const int length = rank - least;
  for (int axis = 0; fits && axis < rank - 1; ++axis) {
    fits = x[1].shape[axis] == x[2].shape[axis] && (axis == length || x[0].shape[axis] == x[1].shape[axis]);
  }
  if (!fits || x[0].shape.last() != x[1].shape.last()) {
    throw std::invalid_argument(std::string(name) + ": queries " + to_string(x[0].shape) + ", keys " +
                                to_string(x[1].shape) + " and values " + to_string(x[2].shape) +
                                " do not fit");
  }
  const Shape scores = AttentionExtents(x[0].shape, x[1].shape, x[2].shape, form.heads_last).scores();
  int operand = 3;
  for (const Kind kind : {Kind::mask, Kind::real}) {
    if (!(kind == Kind::mask ? form.mask : form.bias)) continue;
    require_kind(name, x, operand, kind);
    const Shape& shape = x[operand++].shape;
    if (shape.rank != scores.rank || !broadcastable(shape, scores) ||
        !(broadcast_shape(shape, scores) == scores)) {
      throw std::invalid_argument(std::string(name) + ": operand " + to_string(Size{operand - 1}) +
                                  " of shape " + to_string(shape) + " does not broadcast to the scores " +
                                  to_string(scores));
    }
  }
  if (form.threshold == 0) return;
  require_key(name, x, operand);
  require_equal_shapes(name, x[operand].shape, shape_of(4));
}

/// Puts heads that lie within a row in front of the length, or back.
constexpr Value swap_heads(Value x, bool heads_last) {
  if (!heads_last) return x;
  std::int32_t order[max_rank] = {};
  const int rank = x.shape().rank;
  for (int axis = 0; axis < rank; ++axis) order[axis] = axis;
  order[rank - 3] = rank - 2;
  order[rank - 2] = rank - 3;
  return permute(x, order);
}

/// The scores of an attention by plain operations: scaled, with the bias, and `fill` where keys are left out.
constexpr Value attention_scores(const AttentionForm& form, const Value* x) {
  Value scores = matmul(swap_heads(x[0], form.heads_last), swap_heads(x[1], form.heads_last), false, true);
  if (form.scale != 1) scores = scores * form.scale;
  if (form.bias) scores = scores + x[form.bias_operand()];
  const Value fill = constant(*scores.graph, form.fill, scores.shape());
  if (form.mask) scores = form.excluded ? select(x[3], fill, scores) : select(x[3], scores, fill);
  if (form.causal) {
    const int rank = scores.shape().rank;
    const Value row = iota(*scores.graph, scores.shape(), rank - 2);
    const Value column = iota(*scores.graph, scores.shape(), rank - 1);
    scores = select(less_equal(column, row), scores, fill);
  }
  return scores;
}

/// softmax(scores), some of it dropped; what is kept is not divided by anything.
constexpr Value attention_weights(const AttentionForm& form, const Value* x, Value scores) {
  const Value weights = softmax(scores);
  if (form.threshold == 0) return weights;
  return select(keep_mask(x[form.key_operand()], form.threshold * 0x1p-32, scores.shape()), weights, {});
}

}  // namespace ctgrad::ops
