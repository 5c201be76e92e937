#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <cstddef>
#include <utility>

/// Loops over positions of dense results and strided operands, their bounds known to the compiler.
namespace ctgrad::kernels {

/// A nest of loops: extents outermost first, and for the result and each operand its stride along every loop.
template <std::size_t Operands>
struct LoopNest {
  int depth = 0;
  Size extents[max_rank] = {};
  Size strides[Operands + 1][max_rank] = {};  ///< the result's first
};

/// The shortest nest that visits every position of `shape` in row-major order: loops of one turn are dropped
/// and neighbours merge where every operand allows it.
template <std::size_t Operands>
constexpr LoopNest<Operands> loop_nest_of(const Shape& shape, const Shape& result, const Shape* strides) {
  LoopNest<Operands> nest;
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) continue;
    const auto stride = [&](std::size_t operand) {
      return operand == 0 ? result[axis] : strides[operand - 1][axis];
    };
    bool merges = nest.depth > 0;
    for (std::size_t i = 0; merges && i <= Operands; ++i) {
      merges = nest.strides[i][nest.depth - 1] == stride(i) * shape[axis];
    }
    if (!merges) ++nest.depth;
    nest.extents[nest.depth - 1] = (merges ? nest.extents[nest.depth - 1] : 1) * shape[axis];
    for (std::size_t i = 0; i <= Operands; ++i) nest.strides[i][nest.depth - 1] = stride(i);
  }
  return nest;
}

template <std::size_t Operands>
constexpr LoopNest<Operands> loop_nest(const Shape& shape, const Shape& result,
                                       const Shape (&strides)[Operands]) {
  return loop_nest_of<Operands>(shape, result, strides);
}

/// The loops over a dense result of the shape `shape` and operands with these strides.
template <std::size_t Operands>
constexpr LoopNest<Operands> loop_nest(const Shape& shape, const Shape (&strides)[Operands]) {
  return loop_nest(shape, row_major_strides(shape), strides);
}

/// result[p] = f(operands[p]...) for every position p of the nest. The result may lie where an operand of
/// equal strides lies.
template <auto Nest, int Loop = 0, class Function, class Result, class... Operands>
void elementwise(Function f, Result* result, const Operands*... operands) {
  if constexpr (Nest.depth == Loop) {
    *result = f(*operands...);
  } else {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      if constexpr (Nest.depth == Loop + 1) {
        CTGRAD_INDEPENDENT
        for (Size i = 0; i < Nest.extents[Loop]; ++i)
          result[i * Nest.strides[0][Loop]] = f(operands[i * Nest.strides[I + 1][Loop]]...);
      } else {
        for (Size i = 0; i < Nest.extents[Loop]; ++i) {
          elementwise<Nest, Loop + 1>(f, result + i * Nest.strides[0][Loop],
                                      (operands + i * Nest.strides[I + 1][Loop])...);
        }
      }
    }(std::index_sequence_for<Operands...>{});
  }
}

}  // namespace ctgrad::kernels
