#pragma once

#include <ctgrad/kernels/matmul_plan.hpp>
#include <ctgrad/kernels/pack.hpp>

/// Matrix products of a number of rows that is known only at run time, for kernels that go through blocks.
namespace ctgrad::kernels {

/// Distances between elements: of A along rows and inner axis, of B and C between rows. One of the first two
/// is 1.
struct TileStrides {
  Size a_row;
  Size a_inner;
  Size b_inner;
  Size c_row;
};

/// Calls body(height, first row) for tiles that cover `rows` rows, `height` a constant. Rows known to the
/// compiler, a std::integral_constant, are cut into nearly equal heights; of others the highest come first.
template <Size Vectors, class Rows, class Body>
void for_each_tile(Rows rows, const Body& body) {
  constexpr Size most = most_rows(Vectors);
  Size i = 0;
  const auto tile = [&](auto height) {
    body(height, i);
    i += height;
  };
  if constexpr (!std::is_same_v<Rows, Size>) {
    constexpr TileHeights heights = tile_heights(Rows::value, Vectors);
    if constexpr (heights.high > 0) {
      for (Size t = 0; t < heights.high; ++t) tile(std::integral_constant<Size, heights.low + 1>{});
    }
    for (Size t = heights.high; t < heights.tiles; ++t) tile(std::integral_constant<Size, heights.low>{});
  } else {
    while (i + most <= rows) tile(std::integral_constant<Size, most>{});
    if constexpr (most > 8) {
      while (i + 8 <= rows) tile(std::integral_constant<Size, 8>{});
    }
    if constexpr (most > 4) {
      while (i + 4 <= rows) tile(std::integral_constant<Size, 4>{});
    }
    if constexpr (most > 2) {
      while (i + 2 <= rows) tile(std::integral_constant<Size, 2>{});
    }
    while (i < rows) tile(std::integral_constant<Size, 1>{});
  }
}

/// C [rows, Vectors Lanes] (+)= A [rows, inner] B [inner, Vectors Lanes].
template <Size Vectors, Size Lanes, TileStrides Strides, bool Accumulate, class Rows, class T>
void product_vectors(T* __restrict c, const T* __restrict a, const T* __restrict b, Rows rows, Size inner) {
  static_assert(Strides.a_row == 1 || Strides.a_inner == 1, "rows or inner axis of A lie side by side");
  const TileTask<T> task{inner, Strides.a_inner, Strides.b_inner, Strides.c_row};
  for_each_tile<Vectors>(rows, [&](auto height, Size i) {
    constexpr TileKind kind{height, Vectors, Lanes, Strides.a_row, Accumulate};
    matmul_tile<kind>(c + i * Strides.c_row, a + i * Strides.a_row, b, task);
  });
}

}  // namespace ctgrad::kernels
