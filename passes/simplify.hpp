#pragma once

#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/logical.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/passes/algebra.hpp>

#include <limits>

/// Algebra that holds for all real numbers, as a table.
namespace ctgrad::passes {

namespace algebra {

inline constexpr Expression x(Form::variable, 0);
inline constexpr Expression y(Form::variable, 1);
inline constexpr Expression m(Form::variable, 2);  ///< a mask
inline constexpr Expression c(Form::constant, 3);
inline constexpr Expression d(Form::constant, 4);

constexpr Expression operator+(const Expression& a, const Expression& b) {
  return Function<ops::Add>{}(a, b);
}
constexpr Expression operator-(const Expression& a, const Expression& b) {
  return Function<ops::Sub>{}(a, b);
}
constexpr Expression operator*(const Expression& a, const Expression& b) {
  return Function<ops::Mul>{}(a, b);
}
constexpr Expression operator/(const Expression& a, const Expression& b) {
  return Function<ops::Div>{}(a, b);
}
constexpr Expression operator-(const Expression& a) { return Function<ops::Neg>{}(a); }
constexpr Expression operator!(const Expression& a) { return Function<ops::LogicalNot>{}(a); }
inline constexpr Function<ops::MulNoNan> mul_no_nan;
inline constexpr Function<ops::Exp> exp;
inline constexpr Function<ops::Log> log;
inline constexpr Function<ops::Select> select;
inline constexpr Function<ops::Reshape> reshape;
inline constexpr Function<ops::Broadcast> broadcast;
inline constexpr Function<ops::Permute> permute;
inline constexpr Function<ops::Slice> slice;
inline constexpr Function<ops::Concatenate> concatenate;
inline constexpr Function<ops::StopGradient> stop_gradient;
inline constexpr Function<ops::RecomputeBegin> recompute_begin;
inline constexpr Function<ops::RecomputeEnd> recompute_end;

/// Says whether a number is far from what a scalar type, float as well, overflows to or takes for 0.
constexpr bool is_moderate(double number) {
  const double magnitude = number < 0 ? -number : number;
  return magnitude > 1e-30 && magnitude < 1e30;
}

/// Where c, d and c d neither overflow nor vanish.
constexpr bool moderate(const Match& match) {
  const double first = match.number(c);
  const double second = match.number(d);
  return is_moderate(first) && is_moderate(second) && is_moderate(first * second);
}
/// Where c is finite.
constexpr bool finite(const Match& match) {
  const double number = match.number(c);
  return number >= std::numeric_limits<double>::lowest() && number <= std::numeric_limits<double>::max();
}
/// Where x is never negative.
constexpr bool not_negative(const Match& match) { return match[x].node().operation->is_never_negative; }

/// The operand's operand, or a constant operand, in the node's shape.
constexpr Value reshaped(Value node) { return ops::reshape(node.operand(0), node.shape()); }
constexpr Value repeated(Value node) { return ops::broadcast_to(node.operand(0), node.shape()); }
constexpr Value repeated_once(Value node) {
  return ops::broadcast_to(node.operand(0).operand(0), node.shape());
}

/// The permutation that two of them make together, or none.
constexpr Value permuted_once(Value node) {
  const Value inner = node.operand(0);
  std::int32_t order[max_rank] = {};
  for (int axis = 0; axis < node.shape().rank; ++axis)
    order[axis] = inner.node().attributes.integers[node.node().attributes.integers[axis]];
  return ops::permute(inner.operand(0), order);
}

/// The slice that two of them make together.
constexpr Value sliced_once(Value node) {
  const Value inner = node.operand(0);
  std::int32_t begin[max_rank] = {};
  for (int axis = 0; axis < node.shape().rank; ++axis)
    begin[axis] = node.node().attributes.integers[axis] + inner.node().attributes.integers[axis];
  return ops::slice(inner.operand(0), begin, node.shape());
}

/// The slice of the one part of a concatenation in which it lies, if it lies in one.
constexpr Value sliced_part(Value node) {
  const Value both = node.operand(0);
  std::int32_t begin[max_rank] = {};
  for (int axis = 0; axis < node.shape().rank; ++axis) begin[axis] = node.node().attributes.integers[axis];
  const int axis = both.node().attributes.integers[0];
  const Size first = both.operand(0).shape()[axis];
  if (begin[axis] + node.shape()[axis] <= first) return ops::slice(both.operand(0), begin, node.shape());
  if (begin[axis] < first) return {};
  begin[axis] -= static_cast<std::int32_t>(first);
  return ops::slice(both.operand(1), begin, node.shape());
}

/// left -> right. Among the rules for one operation the first that applies is taken.
// clang-format off
inline constexpr Rule rules[] = {
    // sums
    {x + 0,  x},
    {x - 0,  x},
    {0 - x,  -x},
    {x + -y,  x - y},
    {x - -y,  x + y},
    {-(-x),  x},
    // products
    {x * 1,  x},
    {x / 1,  x},
    {x * -1,  -x},
    {(x * c) * d,  x * (c * d),  moderate},
    {mul_no_nan(x, 0),  0.0},
    {mul_no_nan(x, c),  x * c,  finite},
    // functions
    {log(exp(x)),  x},
    {exp(log(x)),  x,  not_negative},
    // choices
    {!!m,  m},
    {select(m, x, x),  x},
    {select(!m, x, y),  select(m, y, x)},
    // layouts
    {reshape(reshape(x)),  reshaped},
    {reshape(c),  reshaped},
    {broadcast(broadcast(x)),  repeated_once},
    {broadcast(c),  repeated},
    {permute(permute(x)),  permuted_once},
    {slice(slice(x)),  sliced_once},
    {slice(concatenate(x, y)),  sliced_part},
    // what only speaks to the transforms has been heard
    {stop_gradient(x),  x},
    {recompute_begin(x),  x},
    {recompute_end(x),  x},
};
// clang-format on

inline constexpr Table table(rules);

}  // namespace algebra

/// y = (2 x) 3, z = y + 0  ->  z = 6 x: sums, products, layouts and choices by algebra. Every rule looks at
/// a node and its operands; what it gives is looked at again.
constexpr Graph simplify(Graph graph) {
  return rewrite(std::move(graph), [](Value x, std::int32_t) {
    Value best;
    for (Value next = algebra::table.simpler(x); !next.absent() && !(next == best);
         next = algebra::table.simpler(next))
      best = next;
    return best;
  });
}

}  // namespace ctgrad::passes
