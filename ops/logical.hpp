#pragma once

#include <ctgrad/ops/equal.hpp>

/// Logic on masks.
namespace ctgrad::ops {

/// (mask, mask) -> mask, of equal shapes
template <class Op>
struct Logical : Elementwise {
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(Op::name, x, 0, Kind::mask);
    require_kind(Op::name, x, 1, Kind::mask);
    require_equal_shapes(Op::name, x[0].shape, x[1].shape);
    return x[0];
  }
  static constexpr Samples samples() {
    using namespace sample;
    return {of_every_shape({mask(), mask()}),
            {{{mask(2), real(2)}}, {{index(2), mask(2)}}, {{mask(2), mask(3)}}}};
  }
};

/// a and b
struct LogicalAnd : Logical<LogicalAnd> {
  static constexpr auto name = "logical_and";
  static constexpr auto onnx = "And";
  static bool apply(bool a, bool b) { return a && b; }
};

/// a or b
struct LogicalOr : Logical<LogicalOr> {
  static constexpr auto name = "logical_or";
  static constexpr auto onnx = "Or";
  static bool apply(bool a, bool b) { return a || b; }
};

/// not a
struct LogicalNot : Elementwise {
  static constexpr auto name = "logical_not";
  static constexpr auto onnx = "Not";
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(name, x, 0, Kind::mask);
    return x[0];
  }
  static constexpr Samples samples() {
    using namespace sample;
    return {of_every_shape({mask()}), {{{real(2)}}, {{index(2)}}}};
  }
  static bool apply(bool a) { return !a; }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value logical_and(Value a, Value b) { return ops::emit_broadcast<ops::LogicalAnd>(a, b); }
constexpr Value logical_or(Value a, Value b) { return ops::emit_broadcast<ops::LogicalOr>(a, b); }
constexpr Value logical_not(Value a) { return emit<ops::LogicalNot>(a); }

/// a and b after broadcasting.
template <Size... A, Size... B>
constexpr auto operator&(const Mask<A...>& a, const Mask<B...>& b) {
  static_assert(shapes<Mask<A...>, Mask<B...>>::broadcast, "logical_and: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::mask, Mask<A...>, Mask<B...>>{logical_and(a.in(graph), b.in(graph))};
}
/// a or b after broadcasting.
template <Size... A, Size... B>
constexpr auto operator|(const Mask<A...>& a, const Mask<B...>& b) {
  static_assert(shapes<Mask<A...>, Mask<B...>>::broadcast, "logical_or: the shapes do not broadcast");
  Graph& graph = graph_of(a, b);
  return broadcast_array<Kind::mask, Mask<A...>, Mask<B...>>{logical_or(a.in(graph), b.in(graph))};
}
/// Not for use: say why a && b and a || b are errors.
template <Kind K, Size... A, Kind L, Size... B>
constexpr auto operator&&(const Array<K, A...>& a, const Array<L, B...>&) {
  static_assert(traced<K, A...>::template has_a_value_yet<bool>,
                "logical_and: && would need the operands' values, which are known when the program runs: say "
                "a & b of masks");
  return a;
}
template <Kind K, Size... A, Kind L, Size... B>
constexpr auto operator||(const Array<K, A...>& a, const Array<L, B...>&) {
  static_assert(traced<K, A...>::template has_a_value_yet<bool>,
                "logical_or: || would need the operands' values, which are known when the program runs: say "
                "a | b of masks");
  return a;
}

/// True where a is not.
template <Size... D>
constexpr Mask<D...> operator!(const Mask<D...>& a) {
  return Mask<D...>{logical_not(a.in(graph_of(a)))};
}

/// a != b after broadcasting, of two tensors of a kind or of one and a number; true where either is NaN. The
/// operands are those of ==, or else a compiler would take != for a negated == of truth values.
template <Kind K, Size... A, Size... B>
constexpr auto operator!=(const Array<K, A...>& a, const Array<K, B...>& b) {
  return !(a == b);
}
template <Kind K, Size... D>
constexpr Mask<D...> operator!=(const Array<K, D...>& a, double b) {
  return !(a == b);
}
template <Kind K, Size... D>
constexpr Mask<D...> operator!=(double a, const Array<K, D...>& b) {
  return !(a == b);
}

}  // namespace ctgrad
