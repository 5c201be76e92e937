#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/reduce.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/reshape.hpp>
#include <ctgrad/ops/sample.hpp>

/// What reductions share. Inside the graph a reduced axis stays with extent 1; dropping it is a reshape.
namespace ctgrad {

/// Asks a reduction to keep the reduced axes with extent 1: `sum<-1>(x, keep)`.
struct Keep {};
inline constexpr Keep keep{};

namespace ops {

constexpr Value batch_of_reduction(const BatchArguments& b);

/// Attributes: 1 for every axis that is reduced.
template <class Op>
struct Reduction {
  static constexpr RowWork row_work = RowWork::fold;

  static constexpr Type infer(const Type* x, const Attributes& axes) {
    require_kind(Op::name, x, 0, Kind::real);
    Type type = x[0];
    for (int axis = 0; axis < type.shape.rank; ++axis) {
      if (axes.integers[axis] != 0) type.shape[axis] = 1;
    }
    return type;
  }

  /// Every choice of axes.
  static constexpr Samples samples() {
    Samples samples{{}, {{{sample::index(2)}, {.integers = {1}}}, {{sample::mask(2)}, {.integers = {1}}}}};
    for (const Shape& shape : sample::shapes()) {
      for (std::int32_t chosen = 0; chosen < 1 << shape.rank; ++chosen) {
        Sample chosen_axes{{{{Kind::real, shape}, Domain::apart}}};
        for (int axis = 0; axis < shape.rank; ++axis)
          chosen_axes.attributes.integers[axis] = chosen >> axis & 1;
        samples.accepted.push_back(chosen_axes);
      }
    }
    return samples;
  }

  static constexpr Value batch(const BatchArguments& b) { return batch_of_reduction(b); }

  static constexpr Size scratch(const Type* x, const Type& result, const Attributes&) {
    return kernels::total_count(kernels::reduction_nest(x[0].shape, result.shape));
  }

  template <class Call>
  static void run(const Pointers& p) {
    using T = typename Call::Element;
    static constexpr auto nest = kernels::reduction_nest(Call::operand_shape(0), Call::shape);
    kernels::reduce<nest>([](auto a, auto b) CTGRAD_INLINED { return Op::combine(a, b); },
                          Op::template identity<T>, Call::result(p), Call::template operand<0>(p), p.scratch);
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
