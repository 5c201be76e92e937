#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/reduce.hpp>
#include <ctgrad/ops/reshape.hpp>

/// What reductions share. Inside the graph a reduced axis stays with extent 1; dropping it is a reshape.
namespace ctgrad {

/// Asks a reduction to keep the reduced axes with extent 1: `sum<-1>(x, keep)`.
struct Keep {};
inline constexpr Keep keep{};

namespace ops {

/// Attributes: 1 for every axis that is reduced.
struct Reduction {
  static constexpr Type infer(const Type* x, const Attributes& axes) {
    Type type = x[0];
    if (type.kind != Kind::real) throw std::invalid_argument("a reduction takes real numbers");
    for (int axis = 0; axis < type.shape.rank; ++axis) {
      if (axes.integers[axis] != 0) type.shape[axis] = 1;
    }
    return type;
  }

  template <class Step>
  static void run(const Pointers& p) {
    using Op = typename Step::Op;
    using T = typename Step::Element;
    static constexpr auto nest = kernels::reduction_nest(Step::operand_shape(0), Step::shape);
    kernels::reduce<nest>([](T a, T b) { return Op::combine(a, b); }, Op::template identity<T>,
                          Step::result(p), Step::template operand<0>(p));
  }
};

/// Op over the marked axes; nothing to do where they all have extent 1.
template <class Op>
constexpr Value emit_reduction(Value x, const bool (&axes)[max_rank]) {
  if (x.absent()) return x;
  Attributes attributes;
  bool any = false;
  for (int axis = 0; axis < x.shape().rank; ++axis) {
    attributes.integers[axis] = axes[axis] && x.shape()[axis] != 1 ? 1 : 0;
    any = any || attributes.integers[axis] != 0;
  }
  return any ? emit<Op>(attributes, x) : x;
}

/// The axes that a list of them marks; an empty list marks all.
template <int... Axes>
struct ReducedAxes {
  bool marked[max_rank] = {};
  constexpr explicit ReducedAxes(int rank) {
    if (sizeof...(Axes) == 0) {
      for (int axis = 0; axis < rank; ++axis) marked[axis] = true;
    }
    ((marked[normal_axis(Axes, rank)] = true), ...);
  }
};

template <bool Keep, int... Axes>
constexpr Shape reduced_shape(const Shape& shape) {
  const ReducedAxes<Axes...> axes(shape.rank);
  Shape result;
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (!axes.marked[axis]) result.push_back(shape[axis]);
    if (axes.marked[axis] && Keep) result.push_back(1);
  }
  return result;
}

}  // namespace ops
}  // namespace ctgrad
