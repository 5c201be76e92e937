#pragma once

#include <ctgrad/kernels/tile.hpp>

#include <bit>

/// How a matrix product is cut into tiles and blocks: decided by its shape and the width of vectors, at
/// compile time.
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

/// Tiles of nearly equal height, so that no low one is left over: the first `high` of them have low + 1 rows.
struct TileHeights {
  Size tiles = 0;
  Size low = 0;
  Size high = 0;
};

constexpr TileHeights tile_heights(Size rows, Size vectors) {
  if (rows == 0) return {};
  const Size most = most_rows(vectors);
  const Size tiles = (rows + most - 1) / most;
  return {tiles, rows / tiles, rows % tiles};
}

/// Columns of C that are worked on at once: so many vectors, of which the last may reach behind C.
struct Panel {
  Size valid = 0;
  Size vectors = 0;
  Size lanes = 0;

  constexpr Size columns() const { return vectors * lanes; }
  constexpr bool is_padded() const { return columns() != valid; }
};

/// The vectors of a tile's row: two, or more where rows are so few that the sums of two would wait for each
/// other.
constexpr Size tile_vectors(Size rows) {
  if (rows >= 5) return 2;
  const Size most = (vector_registers - 1) / (rows + 1);
  return std::min(most, rows >= 3 ? Size{4} : rows == 2 ? Size{6} : Size{8});
}

/// The panel for `columns` columns. A few alone take shorter vectors where these fit, else they are padded
/// with zeros.
template <class T>
constexpr Panel panel_of(Size columns) {
  constexpr Size lanes = lanes_of<T>;
  constexpr Size least = 16 / static_cast<Size>(sizeof(T));
  const bool is_vector = std::has_single_bit(static_cast<std::size_t>(columns)) && columns >= least;
  if (columns < lanes && is_vector) return {columns, 1, columns};
  return {columns, (columns + lanes - 1) / lanes, lanes};
}

/// The columns of a tile in the middle of a matrix of many rows: two vectors.
template <class T>
inline constexpr Size tile_columns = 2 * lanes_of<T>;

/// A longer inner axis is cut into blocks, whose sums of products are added up in double.
inline constexpr Size longest_inner = 4096;

/// The length of such a block. It is short where a tile has so few sums that each addition waits for the one
/// before it anyway. The same for all widths of vectors, and so are the sums.
constexpr Size long_inner_block(const MatmulShape& s) {
  return std::min(s.rows, Size{6}) * s.columns <= 16 ? 64 : 512;
}

struct MatmulPlan {
  Size a_row = 0;  ///< between elements of A along its rows
  Size a_inner = 0;
  Size b_stride = 0;  ///< between stored rows of B
  Panel wide;         ///< of all columns but the last
  Panel last;         ///< of those left over, if any are
  TileHeights heights;
  bool packs = false;     ///< panels of B are copied to where they lie in one piece
  Size depth = 0;         ///< the inner axis is cut into blocks of at most so many
  bool is_c_far = false;  ///< C is larger than the first-level cache
  bool is_b_far = false;  ///< B is much larger
};

/// The inner axis in blocks of nearly equal length, so that a packed panel of B stays in the nearest caches.
constexpr Size block_depth(Size inner, Size vectors) {
  const Size most = 1024 / vectors;
  const Size blocks = std::max((inner + most - 1) / most, Size{1});
  return std::max((inner + blocks - 1) / blocks, Size{1});
}

template <class T>
constexpr MatmulPlan matmul_plan(const MatmulShape& s) {
  constexpr Size bytes = static_cast<Size>(sizeof(T));
  MatmulPlan plan;
  const Size left = s.left_stride != 0 ? s.left_stride : s.transpose_left ? s.rows : s.inner;
  plan.a_row = s.transpose_left ? 1 : left;
  plan.a_inner = s.transpose_left ? left : 1;
  plan.b_stride = s.right_stride != 0 ? s.right_stride : s.transpose_right ? s.inner : s.columns;
  const Size vectors = tile_vectors(s.rows);
  plan.wide = s.columns >= vectors * lanes_of<T> ? Panel{vectors * lanes_of<T>, vectors, lanes_of<T>}
                                                 : panel_of<T>(s.columns);
  plan.last = panel_of<T>(s.columns % plan.wide.valid);
  plan.heights = tile_heights(s.rows, plan.wide.vectors);
  // Rows of B that lie far apart cost a page and a cache line each: a copy pays where many rows of A read it.
  constexpr Size many_rows = vector_bytes == 64 ? 512 : 96;
  plan.packs = s.transpose_right || (s.rows >= many_rows && plan.b_stride * bytes >= 2048);
  plan.depth = block_depth(s.inner, plan.wide.vectors);
  plan.is_c_far = s.rows * s.columns * bytes > (1 << 15);
  plan.is_b_far = s.inner * s.columns * bytes > (1 << 18);
  return plan;
}

/// The doubles that a product needs room for.
constexpr Size total_count(const MatmulShape& s) {
  return s.inner > longest_inner ? s.rows * std::min(s.columns, matmul_plan<float>(s).wide.columns()) : 0;
}

}  // namespace ctgrad::kernels
