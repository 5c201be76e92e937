#pragma once

#include <ctgrad/ops/attention/rules.hpp>
#include <ctgrad/ops/less.hpp>

#include <optional>

/// Attention as people write it, found in a graph from its softmax.
namespace ctgrad::passes {

/// A matched attention: its form, q, k, v and what is added to the scores or masks them.
struct AttentionMatch {
  ops::AttentionForm form;
  Value operands[3];
  Value mask;
  Value bias;
};

/// Says whether a node is its operand with axes of extent 1 in front.
constexpr bool adds_axes_in_front(Value x) {
  if (x.node().operation != &operation<ops::Reshape>) return false;
  const Shape inner = x.operand(0).shape();
  const int added = x.shape().rank - inner.rank;
  for (int axis = 0; axis < x.shape().rank; ++axis) {
    if (added < 0 || x.shape()[axis] != (axis < added ? 1 : inner[axis - added])) return false;
  }
  return true;
}

/// What a chain of broadcasts repeats, without axes that were added in front.
constexpr Value repeated(Value x) {
  while (x.node().operation == &operation<ops::Broadcast> || adds_axes_in_front(x)) x = x.operand(0);
  return x;
}

/// The number that every element of a constant is, if the value is one.
constexpr std::optional<double> constant_of(Value x) {
  x = repeated(x);
  if (x.node().operation != &operation<ops::Constant>) return std::nullopt;
  return x.node().attributes.value;
}

/// The axis of scores along which a value counts up from 0 from their first row or column to the last, the
/// same along all others; -1 if it does not.
constexpr int counting_axis(Value x, const Shape& scores) {
  x = repeated(x);
  const int added = scores.rank - x.shape().rank;
  const auto counted = [&](int axis) { return x.shape()[axis] == scores[axis + added] ? axis + added : -1; };
  if (x.node().operation == &operation<ops::Iota>) return counted(x.node().attributes.integers[0]);
  if (x.node().operation != &operation<ops::Reshape>) return -1;
  const Value inner = x.operand(0);
  if (inner.node().operation != &operation<ops::Iota> || inner.shape().rank != 1) return -1;
  for (int axis = 0; axis < x.shape().rank; ++axis) {
    if (x.shape()[axis] == inner.shape()[0]) return counted(axis);
  }
  return -1;
}

/// Reads scores from the product of queries and keys up: scales, a bias and masks in any order that means the
/// same as scale, then bias, then masks.
class AttentionMatcher {
 public:
  /// softmax(scores) values; nothing where the scores are written in a way that does not fit.
  constexpr std::optional<AttentionMatch> match(Value scores, Value values) {
    std::vector<Value> chain;
    const Value product = descend(scores, chain);
    if (product.absent()) return std::nullopt;
    scores_ = scores.shape();
    rank_ = scores_.rank;
    for (std::size_t i = chain.size(); i-- > 0;) {
      if (!add(chain[i])) return std::nullopt;
    }
    Value q = product.operand(0);
    Value k = product.operand(1);
    if (product.node().attributes.integers[1] == 0) k = transposed(k);
    take_scale(q);
    take_scale(k);
    match_.operands[0] = q;
    match_.operands[1] = k;
    match_.operands[2] = values;
    match_.form.mask = !match_.mask.absent();
    match_.form.bias = !match_.bias.absent();
    return match_;
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();

  /// The operand that leads on to the product; -1 if the operation is none that may lie between.
  static constexpr int inner_operand(Value x) {
    const Operation* op = x.node().operation;
    if (op == &operation<ops::Mul>) return constant_of(x.operand(0)) ? 1 : 0;
    if (op == &operation<ops::Div>) return 0;
    if (op == &operation<ops::Select>) return constant_of(x.operand(1)) ? 2 : 1;
    if (op == &operation<ops::Add>) return leads_to_product(x.operand(0)) ? 0 : 1;
    return -1;
  }

  /// Without a further sum: there is one bias at most, and a chain of sums is not walked again from each.
  static constexpr bool leads_to_product(Value x) {
    while (x.node().operation != &operation<ops::Matmul>) {
      const int inner = x.node().operation == &operation<ops::Add> ? -1 : inner_operand(x);
      if (inner < 0) return false;
      x = x.operand(inner);
    }
    return true;
  }

  /// The product below `x`, and in `chain` what lies between, from above.
  static constexpr Value descend(Value x, std::vector<Value>& chain) {
    while (x.node().operation != &operation<ops::Matmul>) {
      const int inner = inner_operand(x);
      if (inner < 0) return {};
      chain.push_back(x);
      x = x.operand(inner);
    }
    return x.node().attributes.integers[0] == 0 ? x : Value{};
  }

  constexpr bool add(Value x) {
    const Operation* op = x.node().operation;
    if (op == &operation<ops::Select>) return add_mask(x);
    if (op == &operation<ops::Add>) return add_bias(x.operand(1 - inner_operand(x)));
    const std::optional<double> factor = scale_of(x);
    return factor && add_scale(*factor);
  }

  /// c of x c, c x and x / c, if it is a number other than 0
  static constexpr std::optional<double> scale_of(Value x) {
    const std::optional<double> factor = constant_of(x.operand(1 - inner_operand(x)));
    if (!factor || *factor == 0) return std::nullopt;
    return x.node().operation == &operation<ops::Div> ? 1 / *factor : *factor;
  }

  /// Above masks, their fill is scaled too.
  constexpr bool add_scale(double factor) {
    if (!match_.bias.absent()) return false;
    const double fill = match_.form.fill;
    if (masked_ && (fill == infinite || (fill == -infinite && !(factor > 0)))) return false;
    if (masked_) match_.form.fill *= factor;
    match_.form.scale *= factor;
    return true;
  }

  /// Above masks of -inf it changes nothing there.
  constexpr bool add_bias(Value bias) {
    if (!match_.bias.absent() || (masked_ && match_.form.fill != -infinite)) return false;
    match_.bias = ranked(repeated(bias));
    return true;
  }

  /// select(mask, x, fill) or select(mask, fill, x)
  constexpr bool add_mask(Value x) {
    const int inner = inner_operand(x);
    const std::optional<double> fill = constant_of(x.operand(3 - inner));
    if (!fill || (masked_ && *fill != match_.form.fill)) return false;
    masked_ = true;
    match_.form.fill = *fill;
    take_mask(repeated(x.operand(0)), inner == 2);
    return true;
  }

  /// Keeps a mask, or that it is the causal one. Several are joined to one of what is seen.
  constexpr void take_mask(Value mask, bool excluded) {
    while (mask.node().operation == &operation<ops::LogicalNot>) {
      mask = repeated(mask.operand(0));
      excluded = !excluded;
    }
    if (mask.node().operation == &operation<ops::LogicalAnd> && !excluded) {
      take_mask(repeated(mask.operand(0)), false);
      take_mask(repeated(mask.operand(1)), false);
    } else if (is_causal(mask, excluded)) {
      match_.form.causal = true;
    } else if (match_.mask.absent()) {
      match_.form.excluded = excluded;
      match_.mask = ranked(mask);
    } else {
      const Value seen = match_.form.excluded ? logical_not(match_.mask) : match_.mask;
      match_.mask = logical_and(seen, ranked(excluded ? logical_not(mask) : mask));
      match_.form.excluded = false;
    }
  }

  /// column <= row where true is seen; row < column where true is left out.
  constexpr bool is_causal(Value mask, bool excluded) const {
    const Operation* op = mask.node().operation;
    if (op != (excluded ? &operation<ops::Less> : &operation<ops::LessEqual>)) return false;
    const int left = counting_axis(mask.operand(0), scores_);
    const int right = counting_axis(mask.operand(1), scores_);
    const int row = rank_ - 2;
    const int column = rank_ - 1;
    return excluded ? left == row && right == column : left == column && right == row;
  }

  /// A scale that was put on the queries or keys themselves.
  constexpr void take_scale(Value& x) {
    const Operation* op = x.node().operation;
    if (op != &operation<ops::Mul> && op != &operation<ops::Div>) return;
    const int inner = inner_operand(x);
    const std::optional<double> factor = scale_of(x);
    if (!factor) return;
    match_.form.scale *= *factor;
    x = x.operand(inner);
  }

  /// With axes of extent 1 in front up to the rank of the scores.
  constexpr Value ranked(Value x) const {
    Shape shape;
    for (int axis = x.shape().rank; axis < rank_; ++axis) shape.push_back(1);
    for (int axis = 0; axis < x.shape().rank; ++axis) shape.push_back(x.shape()[axis]);
    return ops::reshape(x, shape);
  }

  static constexpr Value transposed(Value x) {
    std::int32_t order[max_rank] = {};
    const int rank = x.shape().rank;
    for (int axis = 0; axis < rank; ++axis) order[axis] = axis;
    std::swap(order[rank - 2], order[rank - 1]);
    return ops::permute(x, order);
  }

  AttentionMatch match_;
  Shape scores_ = {};
  int rank_ = 0;
  bool masked_ = false;
};

}  // namespace ctgrad::passes
