#pragma once

#include <ctgrad/kernels/matmul.hpp>

/// Matrix products of a number of rows that is known only at run time, for kernels that go through blocks.
namespace ctgrad::kernels {

/// C [rows, Columns] (+)= A [rows, inner] B [inner, Columns], `Columns` being those of one tile. `Rows` rows
/// are worked on at once.
template <Size Columns, Size Rows, TileStrides Strides, bool Accumulate, class T>
void product_rows(T* __restrict c, const T* __restrict a, const T* __restrict b, Size rows, Size inner) {
  const Size whole = rows - rows % Rows;
  for (Size i = 0; i < whole; i += Rows)
    matmul_tile<Rows, Columns, Strides, Accumulate>(c + i * Strides.c_row, a + i * Strides.a_row, b, inner);
  for (Size i = whole; i < rows; ++i)
    matmul_tile<1, Columns, Strides, Accumulate>(c + i * Strides.c_row, a + i * Strides.a_row, b, inner);
}

/// C [rows, Columns] (+)= A [rows, inner] B [inner, Columns], for any number of columns. `Rows` rows are
/// worked on at once.
template <Size Columns, Size Rows, TileStrides Strides, bool Accumulate, class T>
void product(T* __restrict c, const T* __restrict a, const T* __restrict b, Size rows, Size inner) {
  constexpr Size panel = tile_columns<T>;
  constexpr Size left_over = Columns % panel;
  for (Size j = 0; j + panel <= Columns; j += panel)
    product_rows<panel, Rows, Strides, Accumulate>(c + j, a, b + j, rows, inner);
  if constexpr (left_over > 0) {
    constexpr Size j = Columns - left_over;
    product_rows<left_over, Rows, Strides, Accumulate>(c + j, a, b + j, rows, inner);
  }
}

/// target [columns, rows] = source [rows, columns], rows `source_row` and `target_row` apart, by squares of
/// Side that stay in registers.
template <Size Side, class T>
void transpose_square(T* __restrict target, const T* __restrict source, Size source_row, Size target_row) {
  using Row = Lanes<T, Side>;
  Row rows[static_cast<std::size_t>(Side)];
  for (Size i = 0; i < Side; ++i) rows[i] = Row::load(source + i * source_row);
  for (Size distance = 1; distance < Side; distance *= 2) {
    Row next[static_cast<std::size_t>(Side)];
    for (Size i = 0; i < Side / 2; ++i) {
      next[2 * i] = Row::template interleave<false>(rows[i], rows[i + Side / 2]);
      next[2 * i + 1] = Row::template interleave<true>(rows[i], rows[i + Side / 2]);
    }
    for (Size i = 0; i < Side; ++i) rows[i] = next[i];
  }
  for (Size i = 0; i < Side; ++i) rows[i].store(target + i * target_row);
}

/// target [columns, Rows] = source [Rows, columns], rows `source_row` and `target_row` apart.
template <Size Rows, class T>
void transpose_rows(T* __restrict target, const T* __restrict source, Size columns, Size source_row,
                    Size target_row) {
  constexpr Size side = 16 / static_cast<Size>(sizeof(T));
  constexpr Size whole_rows = Rows - Rows % side;
  const Size whole = columns - columns % side;
  for (Size r = 0; r < whole_rows; r += side) {
    for (Size c = 0; c < whole; c += side)
      transpose_square<side>(target + c * target_row + r, source + r * source_row + c, source_row,
                             target_row);
  }
  for (Size r = 0; r < Rows; ++r) {
    for (Size c = r < whole_rows ? whole : 0; c < columns; ++c)
      target[c * target_row + r] = source[r * source_row + c];
  }
}

}  // namespace ctgrad::kernels
