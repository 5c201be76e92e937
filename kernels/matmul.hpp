#pragma once

#include <ctgrad/graph/shape.hpp>

/// Matrix products specialised by shape.
namespace ctgrad::kernels {

/// C [rows, columns] = A [rows, inner] B [inner, columns]; either operand may be stored transposed.
struct MatmulShape {
  Size rows = 0;
  Size columns = 0;
  Size inner = 0;
  bool transpose_left = false;   ///< A is stored as [inner, rows]
  bool transpose_right = false;  ///< B is stored as [columns, inner]
};

/// One tile of C: Rows x Columns accumulators in registers, B's panel given with `b_step` between its rows.
template <Size Rows, Size Columns, Size Inner, Size ARow, Size AInner, class T>
void matmul_tile(T* __restrict c, Size c_step, const T* a, const T* b, Size b_step) {
  T sums[static_cast<std::size_t>(Rows)][static_cast<std::size_t>(Columns)] = {};
  for (Size k = 0; k < Inner; ++k) {
    for (Size i = 0; i < Rows; ++i) {
      const T left = a[i * ARow + k * AInner];
      for (Size j = 0; j < Columns; ++j) sums[i][j] += left * b[k * b_step + j];
    }
  }
  for (Size i = 0; i < Rows; ++i) {
    for (Size j = 0; j < Columns; ++j) c[i * c_step + j] = sums[i][j];
  }
}

template <MatmulShape S, class T>
void matmul(T* __restrict c, const T* __restrict a, const T* __restrict b) {
  matmul_tile<1, 1, 1, 1, 1>(c, 1, a, b, 1);
}

}  // namespace ctgrad::kernels
