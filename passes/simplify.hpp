#pragma once

#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/logical.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/piecewise.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/softmax.hpp>
#include <ctgrad/passes/rewrite.hpp>

#include <limits>

/// Algebra that holds for all real numbers, node by node.
namespace ctgrad::passes {

template <class... Ops>
constexpr bool is_any(const Operation* op) {
  return ((op == &operation<Ops>) || ...);
}
template <class... Ops>
constexpr bool is_any(Value x) {
  return is_any<Ops...>(x.node().operation);
}

/// Says whether every element is the given number.
constexpr bool is_number(Value x, double number) {
  return is_any<ops::Constant>(x) && x.node().attributes.value == number;
}

constexpr bool is_finite(double x) {
  return x >= std::numeric_limits<double>::lowest() && x <= std::numeric_limits<double>::max();
}

/// Says whether a number is far from what a scalar type, float as well, overflows to or takes for 0.
constexpr bool is_moderate(double x) {
  const double magnitude = x < 0 ? -x : x;
  return magnitude > 1e-30 && magnitude < 1e30;
}

/// x + 0, x - 0 -> x;  0 - x -> -x;  x + -y -> x - y;  x - -y -> x + y
constexpr Value simpler_sum(Value x) {
  const Value a = x.operand(0);
  const Value b = x.operand(1);
  const bool difference = is_any<ops::Sub>(x);
  if (is_number(b, 0)) return a;
  if (is_number(a, 0)) return difference ? -b : b;
  if (is_any<ops::Neg>(b)) return difference ? a + b.operand(0) : a - b.operand(0);
  return {};
}

/// x 1, x / 1 -> x;  x -1 -> -x;  (x c) d -> x (c d) if c d neither overflows nor vanishes
constexpr Value simpler_product(Value x) {
  Value a = x.operand(0);
  Value b = x.operand(1);
  if (is_any<ops::Div>(x)) return is_number(b, 1) ? a : Value{};
  if (is_any<ops::Constant>(a)) std::swap(a, b);
  if (!is_any<ops::Constant>(b) || is_any<ops::Constant>(a)) return {};
  const double factor = b.node().attributes.value;
  if (factor == 1) return a;
  if (factor == -1) return -a;
  if (!is_any<ops::Mul>(a)) return {};
  const int constant = is_any<ops::Constant>(a.operand(0)) ? 0 : 1;
  if (!is_any<ops::Constant>(a.operand(constant))) return {};
  const double inner = a.operand(constant).node().attributes.value;
  if (!is_moderate(inner) || !is_moderate(factor) || !is_moderate(inner * factor)) return {};
  return a.operand(1 - constant) * (inner * factor);
}

/// mul_no_nan(x, 0) -> 0;  mul_no_nan(x, c) -> x c where c is finite
constexpr Value simpler_product_without_nan(Value x) {
  for (int i = 0; i < 2; ++i) {
    const Value constant = x.operand(i);
    if (!is_any<ops::Constant>(constant) || !is_finite(constant.node().attributes.value)) continue;
    return is_number(constant, 0) ? constant : x.operand(0) * x.operand(1);
  }
  return {};
}

/// A permutation of a permutation -> one, or none.
constexpr Value simpler_permutation(Value x) {
  const Value inner = x.operand(0);
  if (!is_any<ops::Permute>(inner)) return {};
  std::int32_t order[max_rank] = {};
  for (int axis = 0; axis < x.shape().rank; ++axis)
    order[axis] = inner.node().attributes.integers[x.node().attributes.integers[axis]];
  return ops::permute(inner.operand(0), order);
}

/// A slice of a slice -> one;  a slice within one part of a concatenation -> of that part
constexpr Value simpler_slice(Value x) {
  const Value inner = x.operand(0);
  const Attributes& box = x.node().attributes;
  std::int32_t begin[max_rank] = {};
  for (int axis = 0; axis < x.shape().rank; ++axis) begin[axis] = box.integers[axis];
  if (is_any<ops::Slice>(inner)) {
    for (int axis = 0; axis < x.shape().rank; ++axis) begin[axis] += inner.node().attributes.integers[axis];
    return ops::slice(inner.operand(0), begin, x.shape());
  }
  if (!is_any<ops::Concatenate>(inner)) return {};
  const int axis = inner.node().attributes.integers[0];
  const Size first = inner.operand(0).shape()[axis];
  if (begin[axis] + x.shape()[axis] <= first) return ops::slice(inner.operand(0), begin, x.shape());
  if (begin[axis] < first) return {};
  begin[axis] -= static_cast<std::int32_t>(first);
  return ops::slice(inner.operand(1), begin, x.shape());
}

/// select(!m, a, b) -> select(m, b, a);  select(m, a, a) -> a
constexpr Value simpler_choice(Value x) {
  const Value mask = x.operand(0);
  if (x.operand(1) == x.operand(2)) return x.operand(1);
  if (is_any<ops::LogicalNot>(mask)) return ops::select(mask.operand(0), x.operand(2), x.operand(1));
  return {};
}

/// log(exp(x)) -> x;  exp(log(x)) -> x where x is never negative
constexpr Value simpler_function(Value x) {
  const Value inner = x.operand(0);
  if (is_any<ops::Log>(x)) return is_any<ops::Exp>(inner) ? inner.operand(0) : Value{};
  if (!is_any<ops::Log>(inner)) return {};
  const Value argument = inner.operand(0);
  const bool positive =
      is_any<ops::Exp, ops::Square, ops::Abs, ops::Sigmoid, ops::Softmax, ops::Relu>(argument);
  return positive ? argument : Value{};
}

/// A simpler value equal to a node; absent where there is none.
constexpr Value simpler(Value x) {
  const Operation* op = x.node().operation;
  if (is_any<ops::Add, ops::Sub>(op)) return simpler_sum(x);
  if (is_any<ops::Mul, ops::Div>(op)) return simpler_product(x);
  if (is_any<ops::MulNoNan>(op)) return simpler_product_without_nan(x);
  if (is_any<ops::Neg, ops::LogicalNot>(op)) {
    const bool twice = x.operand(0).node().operation == op;
    return twice ? x.operand(0).operand(0) : Value{};
  }
  if (is_any<ops::Permute>(op)) return simpler_permutation(x);
  if (is_any<ops::Reshape>(op)) {
    return is_any<ops::Reshape, ops::Constant>(x.operand(0)) ? ops::reshape(x.operand(0), x.shape())
                                                             : Value{};
  }
  if (is_any<ops::Broadcast>(op)) {
    const Value inner = x.operand(0);
    if (is_any<ops::Broadcast>(inner)) return ops::broadcast_to(inner.operand(0), x.shape());
    return is_any<ops::Constant>(inner) ? ops::broadcast_to(inner, x.shape()) : Value{};
  }
  if (is_any<ops::Slice>(op)) return simpler_slice(x);
  if (is_any<ops::Select>(op)) return simpler_choice(x);
  if (is_any<ops::Log, ops::Exp>(op)) return simpler_function(x);
  // What only speaks to the transforms has been heard.
  if (is_any<ops::StopGradient, ops::RecomputeBegin, ops::RecomputeEnd>(op)) return x.operand(0);
  return {};
}

/// y = (2 x) 3, z = y + 0  ->  z = 6 x: sums, products, layouts and choices by algebra. Every rule looks at
/// a node and its operands; what it gives is looked at again.
constexpr Graph simplify(Graph graph) {
  return rewrite(std::move(graph), [](Value x, std::int32_t) {
    Value best;
    for (Value next = simpler(x); !next.absent() && !(next == best); next = simpler(next)) best = next;
    return best;
  });
}

}  // namespace ctgrad::passes
