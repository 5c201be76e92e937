#pragma once

#include <ctgrad/graph/shape.hpp>

/// Reductions over any axes, their bounds known to the compiler.
namespace ctgrad::kernels {

/// Axes grouped into alternately kept and reduced runs, outermost first; axes of extent 1 are dropped.
struct ReductionNest {
  int depth = 0;
  Size extents[max_rank + 1] = {};
  bool reduced[max_rank + 1] = {};
  Size operand_steps[max_rank + 1] = {};
  Size result_steps[max_rank + 1] = {};
  Size result_size = 1;
};

constexpr ReductionNest reduction_nest(const Shape& operand, const Shape& result) {
  ReductionNest nest;
  nest.result_size = result.size();
  for (int axis = 0; axis < operand.rank; ++axis) {
    if (operand[axis] == 1) continue;
    const bool reduced = result[axis] != operand[axis];
    if (nest.depth > 0 && nest.reduced[nest.depth - 1] == reduced) {
      nest.extents[nest.depth - 1] *= operand[axis];
    } else {
      nest.extents[nest.depth] = operand[axis];
      nest.reduced[nest.depth++] = reduced;
    }
  }
  Size operand_step = 1;
  Size result_step = 1;
  for (int i = nest.depth - 1; i >= 0; --i) {
    nest.operand_steps[i] = operand_step;
    nest.result_steps[i] = nest.reduced[i] ? 0 : result_step;
    operand_step *= nest.extents[i];
    if (!nest.reduced[i]) result_step *= nest.extents[i];
  }
  return nest;
}

/// combine over x[0..Count), in a fixed order over 16 lanes so that the compiler may vectorise it.
template <Size Count, class Combine, class T>
T reduce_run(Combine combine, T identity, const T* x) {
  constexpr Size lanes = 16;
  T lane[lanes];
  for (Size j = 0; j < lanes; ++j) lane[j] = identity;
  Size i = 0;
  for (; i + lanes <= Count; i += lanes) {
    for (Size j = 0; j < lanes; ++j) lane[j] = combine(lane[j], x[i + j]);
  }
  for (Size j = 0; i + j < Count; ++j) lane[j] = combine(lane[j], x[i + j]);
  for (Size width = lanes / 2; width > 0; width /= 2) {
    for (Size j = 0; j < width; ++j) lane[j] = combine(lane[j], lane[j + width]);
  }
  return lane[0];
}

template <auto Nest, int Loop, class Combine, class T>
void accumulate(Combine combine, T identity, T* __restrict result, const T* x) {
  if constexpr (Loop == Nest.depth) {
    *result = combine(*result, *x);
  } else if constexpr (Loop + 1 == Nest.depth && Nest.reduced[Loop]) {
    *result = combine(*result, reduce_run<Nest.extents[Loop]>(combine, identity, x));
  } else {
    for (Size i = 0; i < Nest.extents[Loop]; ++i) {
      if constexpr (Loop + 1 == Nest.depth) {
        result[i] = combine(result[i], x[i]);
      } else {
        accumulate<Nest, Loop + 1>(combine, identity, result + i * Nest.result_steps[Loop],
                                   x + i * Nest.operand_steps[Loop]);
      }
    }
  }
}

/// result[kept] = combine over the reduced axes of x, from `identity`; the identity itself where nothing is
/// reduced.
template <auto Nest, class Combine, class T>
void reduce(Combine combine, T identity, T* __restrict result, const T* x) {
  for (Size i = 0; i < Nest.result_size; ++i) result[i] = identity;
  accumulate<Nest, 0>(combine, identity, result, x);
}

}  // namespace ctgrad::kernels
