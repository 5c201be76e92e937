#pragma once

#include <ctgrad/ops/iota.hpp>
#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/pick.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/slice.hpp>

#include <algorithm>

/// Triangles and diagonals of matrices.
namespace ctgrad::ops {

/// [rows, columns]: every element holds its position along an axis, plus `first`.
constexpr Value positions_from(Graph& graph, const Shape& matrix, int axis, Size first) {
  Shape longer = matrix;
  longer[axis] += first;
  std::int32_t begin[max_rank] = {};
  begin[axis] = static_cast<std::int32_t>(first);
  return slice(iota(graph, longer, axis), begin, matrix);
}

/// The mask of a matrix [rows, columns] that is true where column <= row + diagonal.
constexpr Value below_diagonal(Graph& graph, const Shape& matrix, Size diagonal) {
  diagonal = std::clamp(diagonal, -matrix[0], matrix[1]);  // beyond these, all or none
  const Value row = positions_from(graph, matrix, 0, std::max<Size>(diagonal, 0));
  const Value column = positions_from(graph, matrix, 1, std::max<Size>(-diagonal, 0));
  return less_equal(column, row);
}

/// The shape of the matrices that the last two axes are.
constexpr Shape matrix_of(const Shape& shape) {
  return shape_of(shape.extents[shape.rank - 2], shape.extents[shape.rank - 1]);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The lower triangles of the matrices x [..., R, C]: x where column <= row + Diagonal, else 0, whatever x is
/// there. Diagonal 0 is the main one, 1 the one above it, -1 the one below.
template <int Diagonal = 0, Size... D>
constexpr Tensor<D...> tril(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 2, "tril: the tensor holds no matrices, it has less than two axes");
  Graph& graph = graph_of(x);
  const Value kept = ops::below_diagonal(graph, ops::matrix_of(Tensor<D...>::shape), Diagonal);
  return Tensor<D...>{ops::select(kept, x.in(graph), {})};
}

/// The upper triangles of the matrices x [..., R, C]: x where column >= row + Diagonal, else 0, whatever x is
/// there.
template <int Diagonal = 0, Size... D>
constexpr Tensor<D...> triu(const Tensor<D...>& x) {
  static_assert(sizeof...(D) >= 2, "triu: the tensor holds no matrices, it has less than two axes");
  Graph& graph = graph_of(x);
  const Value dropped = ops::below_diagonal(graph, ops::matrix_of(Tensor<D...>::shape), Size{Diagonal} - 1);
  return Tensor<D...>{ops::select(dropped, {}, x.in(graph))};
}

/// The matrix [N, N] that has a vector [N] on its diagonal and zeros beside it.
template <Size N>
constexpr Tensor<N, N> diag(const Tensor<N>& vector) {
  Graph& graph = graph_of(vector);
  return Tensor<N, N>{ops::place(vector.in(graph), ops::iota(graph, shape_of(N), 0), N)};
}

/// The diagonal of a matrix [R, C]: its elements (i, i), as many as the shorter side is long.
template <Size R, Size C>
constexpr auto diag(const Tensor<R, C>& matrix) {
  constexpr Size count = std::min(R, C);
  Graph& graph = graph_of(matrix);
  const Value rows = ops::slice(matrix.in(graph), {}, shape_of(count, C));
  return Tensor<count>{ops::pick(rows, ops::iota(graph, shape_of(count), 0))};
}

}  // namespace ctgrad
