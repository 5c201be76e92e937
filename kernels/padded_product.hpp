#pragma once

#include <ctgrad/kernels/pack.hpp>
#include <ctgrad/kernels/product.hpp>

/// Matrix products of any number of columns, by whole vectors: what is left over of these is padded with
/// zeros beside the matrices.
namespace ctgrad::kernels {

/// The vectors of a tile's row for a matrix of `vectors` of them: as many as cover it without a rest, where
/// there are registers for that, else two.
constexpr Size vectors_at_once(Size vectors) {
  if (vectors <= 2) return vectors;
  if (vector_registers < 32) return 2;
  return vectors % 4 == 0 ? 4 : vectors == 3 ? 3 : 2;
}

/// C [rows, P.valid] (+)= A [rows, inner] B [inner, P.valid] for an inner axis of at most `MostInner`.
template <Panel P, Size MostInner, TileStrides Strides, bool Accumulate, class Rows, class T>
void padded_panel(T* __restrict c, const T* __restrict a, const T* __restrict b, Rows rows, Size inner) {
  constexpr Size columns = P.columns();
  alignas(64) T packed[static_cast<std::size_t>(std::max(MostInner, Size{1}) * columns)];
  pack_panel<columns, P.valid>(packed, b, inner, Strides.b_inner);
  const TileTask<T> task{inner, Strides.a_inner, columns, columns};
  for_each_tile<P.vectors>(rows, [&](auto height, Size i) {
    constexpr TileKind kind{height, P.vectors, P.lanes, Strides.a_row, Accumulate};
    alignas(64) T beside[static_cast<std::size_t>(height * columns)];
    T* first = c + i * Strides.c_row;
    for (Size r = 0; Accumulate && r < height; ++r) {
      std::copy_n(first + r * Strides.c_row, P.valid, beside + r * columns);
      std::fill_n(beside + r * columns + P.valid, columns - P.valid, T{0});
    }
    matmul_tile<kind>(beside, a + i * Strides.a_row, packed, task);
    for (Size r = 0; r < height; ++r) std::copy_n(beside + r * columns, P.valid, first + r * Strides.c_row);
  });
}

/// C [rows, Columns] (+)= A [rows, inner] B [inner, Columns] for an inner axis of at most `MostInner`. Rows:
/// Size, or a std::integral_constant of it.
template <Size Columns, Size MostInner, TileStrides Strides, bool Accumulate, class Rows, class T>
void padded_product(T* __restrict c, const T* __restrict a, const T* __restrict b, Rows rows, Size inner) {
  constexpr Size lanes = lanes_of<T>;
  constexpr Size whole = Columns / lanes;
  if constexpr (whole > 0) {
    constexpr Size wide = vectors_at_once(whole);
    for (Size v = 0; v + wide <= whole; v += wide)
      product_vectors<wide, lanes, Strides, Accumulate>(c + v * lanes, a, b + v * lanes, rows, inner);
    constexpr Size j = whole / wide * wide * lanes;
    if constexpr (whole % wide > 0)
      product_vectors<whole % wide, lanes, Strides, Accumulate>(c + j, a, b + j, rows, inner);
  }
  constexpr Panel rest = panel_of<T>(Columns % lanes);
  constexpr Size j = Columns - rest.valid;
  if constexpr (rest.is_padded()) {
    padded_panel<rest, MostInner, Strides, Accumulate>(c + j, a, b + j, rows, inner);
  } else if constexpr (rest.valid > 0) {
    product_vectors<1, rest.lanes, Strides, Accumulate>(c + j, a, b + j, rows, inner);
  }
}

}  // namespace ctgrad::kernels
