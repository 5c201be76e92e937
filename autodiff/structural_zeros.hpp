#pragma once

#include <ctgrad/ops/registry.hpp>

#include <vector>

/// Zeros of tangents and cotangents that no slope can change.
///
/// In y = select(m, f(x), 0) an element of x where m is false does not reach y: its derivative is 0, however
/// infinite the slope of f is there. IEEE says 0 inf = NaN, so the derivative must not become
///
///     select(m, u, 0) f'(x)      which is NaN where m is false and f'(x) is infinite, but
///     select(m, u f'(x), 0)      which is 0 there.
///
/// Any other zero meets an infinite slope as IEEE says, and the result is NaN: the slope of square(sqrt(x))
/// at 0 is 2 sqrt(0) inf, and the true one is not 0 but 1.
namespace ctgrad::autodiff {

constexpr bool is_constant(Value x) { return x.node().operation->is_splat; }
/// Says whether every element is 0, or of a mask false.
constexpr bool is_zero(Value x) { return is_constant(x) && x.node().attributes.value == 0; }

/// Says whether a factor is a number that makes no NaN of a zero: 2, or 1 / 4 as rules write it.
constexpr bool is_finite_number(Value x) {
  if (x.node().operation->zero_rule == ZeroRule::divided) {
    return is_constant(x.operand(1)) && !is_zero(x.operand(1)) && is_finite_number(x.operand(0)) &&
           is_finite_number(x.operand(1));
  }
  return is_constant(x) && x.node().attributes.value - x.node().attributes.value == 0;
}

/// Finds the structural zeros of a graph's tangents and cotangents from the nodes that made them, and keeps
/// them zero in products with slopes. It looks at no node twice and adds masks to the graph only for values
/// that meet a slope.
class StructuralZeros {
 public:
  constexpr explicit StructuralZeros(Graph& graph) : graph_(graph) {}

  /// Which elements of a tangent or cotangent may be other than 0: a mask, or absent where all may.
  constexpr Value mask(Value x) {
    if (x.absent()) return {};
    const auto id = static_cast<std::size_t>(x.id);
    if (id >= known_.size()) known_.resize(static_cast<std::size_t>(graph_.size()), unknown);
    if (known_.data()[id] == unknown) {
      const std::int32_t found = find(x).id;
      known_.data()[id] = found;
    }
    return {&graph_, known_.data()[id]};
  }

  /// Says whether x may have structural zeros.
  constexpr bool any(Value x) {
    if (x.absent()) return false;
    return is<ops::MulNoNan>(is<ops::Neg>(x) ? x.operand(0) : x) || !mask(x).absent();
  }

  /// rule(x), where the rule is linear in x and works element by element, or x is one number: zero wherever x
  /// is so by structure:
  ///
  ///     select(m, a, 0)   -> select(m, rule(a), 0)
  ///     mul_no_nan(a, b)  -> mul_no_nan(rule(a), b)
  template <class Rule>
  constexpr Value apply(Value x, Rule rule) {
    if (x.absent()) return rule(x);
    if (is<ops::Neg>(x) && is<ops::MulNoNan>(x.operand(0))) return -apply(x.operand(0), rule);
    if (is<ops::MulNoNan>(x)) {
      const Value factor = x.operand(1);
      const Value result = apply(x.operand(0), rule);
      return result.absent() ? result : ops::emit_broadcast<ops::MulNoNan>(result, factor);
    }
    const Value kept = mask(x);
    return masked(kept, rule(chosen(x)));
  }

 private:
  static constexpr std::int32_t unknown = -2;

  /// Says whether a product or quotient only scales its first operand.
  static constexpr bool is_scaled(Value x) {
    const bool divides = rule_of(x) == ZeroRule::divided;
    return is_finite_number(x.operand(1)) && !(divides && is_zero(x.operand(1)));
  }

  static constexpr ZeroRule rule_of(Value x) { return x.node().operation->zero_rule; }

  template <class... Ops>
  static constexpr bool is(Value x) {
    return ((x.node().operation == &operation<Ops>) || ...);
  }

  /// select(mask, x, 0)
  static constexpr Value masked(Value mask, Value x) {
    if (mask.absent() || x.absent()) return x;
    return is_zero(mask) ? Value{} : ops::select(mask, x, {});
  }

  /// x without the choices that its mask repeats: select(m, a, 0) -> a.
  static constexpr Value chosen(Value x) {
    while (!x.absent() && x.node().operation == &operation<ops::Select>) {
      const int branch = is_zero(x.operand(2)) ? 1 : 2;
      if (!is_zero(x.operand(3 - branch))) break;
      x = x.operand(branch);
    }
    return x;
  }

  constexpr Value find(Value x) {
    if (is_zero(x)) return ops::constant(graph_, 0, x.shape(), Kind::mask);
    switch (rule_of(x)) {
      case ZeroRule::kept:
        return mask(x.operand(0));
      case ZeroRule::chosen:
        return of_choice(x);
      case ZeroRule::added:
        return of_sum(x);
      case ZeroRule::scaled:
      case ZeroRule::divided:
        return of_multiple(x);
      case ZeroRule::multiplied:
        return of_matmul(x);
      case ZeroRule::reduced:
        return of_sum_over_axes(x);
      case ZeroRule::moved:
        return of_moved(x, false);
      case ZeroRule::padded:
        return of_moved(x, true);
      case ZeroRule::summed:
        return of_summed(x, false);
      case ZeroRule::scattered:
        return of_summed(x, true);
      case ZeroRule::unknown:
        break;
    }
    return {};
  }

  /// Where one operand is chosen, and there it may be other than 0.
  constexpr Value of_choice(Value x) {
    const Value chosen = x.operand(0);
    const Value first = mask(x.operand(1));
    const Value second = mask(x.operand(2));
    if (first.absent() && second.absent()) return {};
    if (!second.absent() && is_zero(second)) return both(chosen, first);
    return either(both(chosen, first), both(logical_not(chosen), second));
  }

  /// Where any term may be other than 0. Sums of many terms are chains along their first operand.
  constexpr Value of_sum(Value x) {
    Value some = mask(x.operand(1));
    Value rest = x.operand(0);
    while (!some.absent() && rule_of(rest) == ZeroRule::added) {
      some = either(some, mask(rest.operand(1)));
      rest = rest.operand(0);
    }
    return some.absent() ? some : either(some, mask(rest));
  }

  /// 2 x, x / 2
  constexpr Value of_multiple(Value x) {
    if (rule_of(x) == ZeroRule::scaled && is_finite_number(x.operand(0))) return mask(x.operand(1));
    return is_scaled(x) ? mask(x.operand(0)) : Value{};
  }

  /// The operation on the masks of its operands.
  constexpr Value of_moved(Value x, bool adds_zeros) {
    Node node = x.node();
    node.type.kind = Kind::mask;
    bool any = adds_zeros;
    for (int i = 0; i < node.operand_count; ++i) any = !mask(x.operand(i)).absent() || any;
    if (!any) return {};
    for (int i = 0; i < node.operand_count; ++i) {
      const Value moved = mask(x.operand(i));
      node.operands[i] =
          (moved.absent() ? ops::constant(graph_, 1, x.operand(i).shape(), Kind::mask) : moved).id;
    }
    return {&graph_, graph_.add(node)};
  }

  /// Where the operation gives more than 0 for a 1 at every element that may be other than 0.
  constexpr Value of_summed(Value x, bool adds_zeros) {
    const Value terms = mask(x.operand(0));
    if (terms.absent() && !adds_zeros) return {};
    const Value ones = terms.absent() ? ops::constant(graph_, 1, x.operand(0).shape()) : as_real(terms);
    Node node = x.node();
    node.operands[0] = ones.id;
    const Value counts{&graph_, graph_.add(node)};
    return less(ops::beside(counts, 0), counts);
  }

  /// Where any of the terms may be other than 0. That all are dropped by chance is no structure: to look for
  /// it would cost every training step with dropout.
  constexpr Value of_sum_over_axes(Value x) {
    const Value terms = mask(x.operand(0));
    bool axes[max_rank] = {};
    for (int axis = 0; axis < x.shape().rank; ++axis) axes[axis] = x.node().attributes.integers[axis] != 0;
    const Value same = repeated_along(terms, axes);
    if (!same.absent()) return ops::broadcast_to(same, x.shape());
    return is_random(terms) ? Value{} : of_summed(x, false);
  }

  /// Where neither the row of the left nor the column of the right matrix is left out whole.
  constexpr Value of_matmul(Value x) {
    const int rank = x.shape().rank;
    Value masks[2];
    for (int i = 0; i < 2; ++i) {
      const bool transposed = x.node().attributes.integers[i] != 0;
      bool inner[max_rank] = {};
      inner[(i == 0) != transposed ? rank - 1 : rank - 2] = true;
      Value same = repeated_along(mask(x.operand(i)), inner);
      if (!same.absent() && transposed) same = with_last_axes_swapped(same);
      masks[i] = ops::broadcast_to(same, x.shape());
    }
    return both(masks[0], masks[1]);
  }

  /// What a mask repeats along the given axes, which have extent 1 there; absent if it differs along them.
  static constexpr Value repeated_along(Value mask, const bool (&axes)[max_rank]) {
    if (mask.absent() || !mask.node().operation->repeats) return {};
    const Value one = mask.operand(0);
    for (int axis = 0; axis < one.shape().rank; ++axis) {
      if (axes[axis] && one.shape()[axis] != 1) return {};
    }
    return one;
  }

  static constexpr Value with_last_axes_swapped(Value x) {
    std::int32_t order[max_rank] = {};
    const int rank = x.shape().rank;
    for (int axis = 0; axis < rank; ++axis) order[axis] = axis;
    std::swap(order[rank - 2], order[rank - 1]);
    return ops::permute(x, order);
  }

  static constexpr bool is_random(Value mask) {
    if (mask.absent() || mask.kind() != Kind::mask) return false;
    if (is<ops::KeepMask>(mask)) return true;
    if (is<ops::LogicalNot>(mask) || rule_of(mask) == ZeroRule::moved) return is_random(mask.operand(0));
    return is<ops::LogicalAnd, ops::LogicalOr>(mask) &&
           (is_random(mask.operand(0)) || is_random(mask.operand(1)));
  }

  /// An absent mask is true everywhere.
  static constexpr Value both(Value a, Value b) {
    if (a.absent() || a == b) return b;
    if (b.absent()) return a;
    return is_zero(a) ? a : is_zero(b) ? b : logical_and(a, b);
  }
  static constexpr Value either(Value a, Value b) {
    if (a.absent() || b.absent() || are_opposites(a, b)) return {};
    if (a == b || is_zero(b)) return a;
    return is_zero(a) ? b : logical_or(a, b);
  }
  static constexpr bool are_opposites(Value a, Value b) {
    const auto is_not = [](Value x, Value y) { return is<ops::LogicalNot>(x) && x.operand(0) == y; };
    return is_not(a, b) || is_not(b, a);
  }

  Graph& graph_;
  std::vector<std::int32_t> known_;  ///< masks of nodes
};

}  // namespace ctgrad::autodiff
