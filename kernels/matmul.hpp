#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/kernels/lanes.hpp>

#include <algorithm>
#include <cstddef>

/// Matrix products specialised by shape.
namespace ctgrad::kernels {

/// C [rows, columns] = A [rows, inner] B [inner, columns]; either operand may be stored transposed.
struct MatmulShape {
  Size rows = 0;
  Size columns = 0;
  Size inner = 0;
  bool transpose_left = false;   ///< A is stored as [inner, rows]
  bool transpose_right = false;  ///< B is stored as [columns, inner]
  Size left_stride = 0;          ///< between the stored rows of A; 0 where these lie side by side
  Size right_stride = 0;         ///< between the stored rows of B; 0 where these lie side by side
  bool accumulate = false;       ///< the product is added to C
};

/// The columns of a tile: two vectors.
template <class T>
inline constexpr Size tile_columns = 2 * vector_bytes / static_cast<Size>(sizeof(T));

/// The rows of a tile: with two vectors a row, at most 12 accumulators, and as few left-over rows as can be.
constexpr Size tile_rows(Size rows) {
  for (const Size candidate : {Size{6}, Size{5}, Size{4}}) {
    if (rows % candidate == 0) return candidate;
  }
  return std::min(rows, Size{6});
}

/// How many rows of B's panel are packed at once, so that they stay in the first-level cache.
inline constexpr Size panel_rows = 256;

/// Distances between elements: of A along rows and inner axis, of B and C between rows.
struct TileStrides {
  Size a_row;
  Size a_inner;
  Size b_inner;
  Size c_row;
};

/// Leaves a product as it is.
struct NoEpilogue {
  template <Size Rows, Size Columns, class T>
  void finish(T*, Size, Size, Size) const {}
};

/// C [Rows, Columns] (+)= A [Rows, inner] B [inner, Columns] with all of C in registers.
template <Size Rows, Size Columns, TileStrides Strides, bool Accumulate, class T>
CTGRAD_NOINLINE void matmul_tile(T* __restrict c, const T* __restrict a, const T* __restrict b, Size inner) {
  using Vector = Lanes<T, lane_count<T, Columns>>;
  constexpr Size lanes = lane_count<T, Columns>;
  constexpr Size vectors = Columns / lanes;
  Vector sums[static_cast<std::size_t>(Rows)][static_cast<std::size_t>(vectors)] = {};
  for (Size k = 0; k < inner; ++k) {
    Vector right[static_cast<std::size_t>(vectors)];
    for (Size j = 0; j < vectors; ++j) right[j] = Vector::load(b + k * Strides.b_inner + j * lanes);
    for (Size i = 0; i < Rows; ++i) {
      const T left = a[i * Strides.a_row + k * Strides.a_inner];
      for (Size j = 0; j < vectors; ++j) sums[i][j].add_product(left, right[j]);
    }
  }
  for (Size i = 0; i < Rows; ++i) {
    for (Size j = 0; j < vectors; ++j) {
      T* target = c + i * Strides.c_row + j * lanes;
      if constexpr (Accumulate) sums[i][j].add_product(T{1}, Vector::load(target));
      sums[i][j].store(target);
    }
  }
}

/// All rows of C for `Columns` of its columns, which begin at column j; the epilogue of each tile where this
/// is the `last` part of the inner axis.
template <MatmulShape S, Size Columns, TileStrides Strides, bool Accumulate, class T, class Epilogue>
void matmul_panel(T* c, const T* a, const T* b, Size inner, Size j, bool last, const Epilogue& epilogue) {
  constexpr Size rows = tile_rows(S.rows);
  constexpr Size left_over = S.rows % rows;
  for (Size i = 0; i + rows <= S.rows; i += rows) {
    matmul_tile<rows, Columns, Strides, Accumulate>(c + i * Strides.c_row, a + i * Strides.a_row, b, inner);
    if (last) epilogue.template finish<rows, Columns>(c + i * Strides.c_row, i, j, Strides.c_row);
  }
  if constexpr (left_over > 0) {
    constexpr Size i = S.rows - left_over;
    matmul_tile<left_over, Columns, Strides, Accumulate>(c + i * Strides.c_row, a + i * Strides.a_row, b,
                                                         inner);
    if (last) epilogue.template finish<left_over, Columns>(c + i * Strides.c_row, i, j, Strides.c_row);
  }
}

/// `Inner` products from `begin` of the inner axis on for the panel of C that begins at column j: B is read
/// where it lies, or, stored transposed, in packed blocks. The epilogue comes where they are the `last`.
template <MatmulShape S, Size Columns, Size Inner, bool Accumulate, class T, class Epilogue>
void matmul_part(T* c, const T* a, const T* b, Size j, Size begin, bool last, const Epilogue& epilogue) {
  constexpr Size stored_left = S.transpose_left ? S.rows : S.inner;
  constexpr Size left_stride = S.left_stride == 0 ? stored_left : S.left_stride;
  constexpr Size a_row = S.transpose_left ? 1 : left_stride;
  constexpr Size a_inner = S.transpose_left ? left_stride : 1;
  constexpr Size stored_right = S.transpose_right ? S.inner : S.columns;
  constexpr Size right_stride = S.right_stride == 0 ? stored_right : S.right_stride;
  if constexpr (!S.transpose_right) {
    constexpr TileStrides strides{a_row, a_inner, right_stride, S.columns};
    matmul_panel<S, Columns, strides, Accumulate>(c + j, a + begin * a_inner, b + begin * right_stride + j,
                                                  Inner, j, last, epilogue);
  } else {
    constexpr TileStrides strides{a_row, a_inner, Columns, S.columns};
    alignas(64) T packed[static_cast<std::size_t>(panel_rows * Columns)];
    for (Size first = 0; first < Inner || first == 0; first += panel_rows) {
      const Size count = std::min(panel_rows, Inner - first);
      for (Size n = 0; n < Columns; ++n) {
        for (Size k = 0; k < count; ++k)
          packed[k * Columns + n] = b[(j + n) * right_stride + begin + first + k];
      }
      const T* block = a + (begin + first) * a_inner;
      const bool ends = last && first + panel_rows >= Inner;
      if constexpr (!Accumulate) {
        if (first == 0) {
          matmul_panel<S, Columns, strides, false>(c + j, block, packed, count, j, ends, epilogue);
          continue;
        }
      }
      matmul_panel<S, Columns, strides, true>(c + j, block, packed, count, j, ends, epilogue);
    }
  }
}

/// A longer inner axis is cut into blocks, whose sums of products are added up in double.
inline constexpr Size longest_inner = 4096;

/// The length of a block of the inner axis. It is short where a tile has so few sums that each addition waits
/// for the one before it anyway.
constexpr Size inner_block(const MatmulShape& s) {
  return std::min(s.rows, Size{6}) * s.columns <= 16 ? 64 : 2 * panel_rows;
}

/// The doubles that a product needs room for.
constexpr Size total_count(const MatmulShape& s) {
  return s.inner > longest_inner ? s.rows * std::min(s.columns, tile_columns<float>) : 0;
}

/// All rows of C for `Columns` of its columns, which begin at column j.
template <MatmulShape S, Size Columns, class T, class Epilogue>
void matmul_columns(T* c, const T* a, const T* b, Size j, const Epilogue& epilogue,
                    [[maybe_unused]] double* totals) {
  if constexpr (S.inner <= longest_inner) {
    matmul_part<S, Columns, S.inner, S.accumulate>(c, a, b, j, 0, true, epilogue);
  } else {
    const auto for_each = [&](const auto& visit) {
      for (Size i = 0; i < S.rows; ++i) {
        for (Size n = 0; n < Columns; ++n) visit(c[i * S.columns + j + n], totals[i * Columns + n]);
      }
    };
    for_each([](T& sum, double& total) { total = S.accumulate ? static_cast<double>(sum) : 0; });
    constexpr Size block = inner_block(S);
    constexpr Size left_over = S.inner % block;
    for (Size begin = 0; begin + block <= S.inner; begin += block) {
      matmul_part<S, Columns, block, false>(c, a, b, j, begin, false, NoEpilogue{});
      for_each([](T& sum, double& total) { total += static_cast<double>(sum); });
    }
    if constexpr (left_over > 0) {
      matmul_part<S, Columns, left_over, false>(c, a, b, j, S.inner - left_over, false, NoEpilogue{});
      for_each([](T& sum, double& total) { total += static_cast<double>(sum); });
    }
    for_each([](T& sum, double& total) { sum = static_cast<T>(total); });
    for (Size i = 0; i < S.rows; ++i)
      epilogue.template finish<1, Columns>(c + i * S.columns + j, i, j, S.columns);
  }
}

/// c = a b, or c += a b, for matrices of the given shape, each tile finished by the epilogue. Totals
/// [total_count(S)] is room.
template <MatmulShape S, class T, class Epilogue = NoEpilogue>
void matmul(T* c, const T* a, const T* b, double* totals, const Epilogue& epilogue = {}) {
  if constexpr (S.rows > 0) {
    constexpr Size columns = tile_columns<T>;
    constexpr Size left_over = S.columns % columns;
    for (Size j = 0; j + columns <= S.columns; j += columns)
      matmul_columns<S, columns>(c, a, b, j, epilogue, totals);
    if constexpr (left_over > 0)
      matmul_columns<S, left_over>(c, a, b, S.columns - left_over, epilogue, totals);
  }
}

}  // namespace ctgrad::kernels
