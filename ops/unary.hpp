#pragma once

#include <ctgrad/ops/arithmetic.hpp>

#include <cmath>
#include <concepts>

/// What functions of one real number share. Each is a struct (its name, its value, its tangent; for samples
/// the domain that they are drawn from) and one function for users, rules and passes alike.
namespace ctgrad {

/// Real numbers: a tensor, or a value of a graph under construction.
template <class X>
concept Real = std::same_as<X, Value> || (requires { X::kind; } && X::kind == Kind::real);

namespace ops {

/// Op of every element.
template <class Op>
constexpr Value each(Value x) {
  return emit<Op>(x);
}
template <class Op, Size... D>
constexpr Tensor<D...> each(const Tensor<D...>& x) {
  return Tensor<D...>{emit<Op>(x.in(graph_of(x)))};
}

}  // namespace ops
}  // namespace ctgrad
