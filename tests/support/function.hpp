#pragma once

#include <support/interpreter.hpp>
#include <support/operations.hpp>

/// Functions as run-time graphs, their derivatives as such functions again, and differences of their values.
namespace ctgrad::test {

/// What derivatives are made with: the library's transforms, or deliberately wrong ones.
struct Transforms {
  decltype(&autodiff::push_forward) push_forward = &autodiff::push_forward;
  decltype(&autodiff::transpose) transpose = &autodiff::transpose;
};

/// A graph of real outputs and the positions of those inputs that derivatives are taken with respect to, in
/// order.
struct Function {
  Graph graph;
  std::vector<std::size_t> active;
};

using Point = std::vector<Numbers>;

/// An operation's value on a sample, as a function of the operands; `only` is the one active operand, or -1
/// for all real ones.
Function function_of(const Operation& op, const Sample& sample, int only = -1);

/// (x..., dx...) -> the outputs' derivatives in the direction dx, which has one part for every active input.
/// All real inputs of the new function are active.
Function forward(const Function& f, const Transforms& transforms = {});

/// (x..., u...) -> the active inputs' cotangents, given one for every output. All real inputs of the new
/// function are active.
Function reverse(const Function& f, const Transforms& transforms = {});

/// The shapes of f's active inputs.
std::vector<Shape> active_shapes(const Function& f);
std::vector<Shape> output_shapes(const Function& f);

std::vector<Numbers> evaluate(const Function& f, const Point& x);

/// f at the point x followed by the numbers `more`.
std::vector<Numbers> evaluate(const Function& f, Point x, const std::vector<Numbers>& more);

/// The derivative in a direction by six points of a function of order 1 (error of order h^6).
std::vector<Numbers> stencil(const Function& f, const Point& x, const std::vector<Numbers>& direction);

/// The central difference at distance 1: exact where f is a polynomial of degree 2 at most.
std::vector<Numbers> unit_difference(const Function& f, const Point& x,
                                     const std::vector<Numbers>& direction);

}  // namespace ctgrad::test
