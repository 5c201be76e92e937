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

/// The bytes of A that stay in the second-level cache.
inline constexpr Size group_bytes = 1 << 19;

struct MatmulPlan {
  Size a_row = 0;  ///< between elements of A along its rows
  Size a_inner = 0;
  Size b_stride = 0;  ///< between stored rows of B
  Panel wide;         ///< of all columns but the last
  Panel last;         ///< of those left over, if any are
  TileHeights heights;
  bool packs = false;     ///< panels of B are copied to where they lie in one piece
  bool packs_a = false;   ///< and so are the rows of A
  Size group = 0;         ///< tiles that go through all panels of a block before the next ones do
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

/// Whether rows of A are worth a copy: if there are many, and several panels read them.
template <class T>
constexpr bool may_pack_rows(const MatmulShape& s) {
  return s.columns > 2 * tile_columns<T> && s.rows >= 2 * most_rows(2) && s.inner <= longest_inner &&
         s.rows * s.inner * static_cast<Size>(sizeof(T)) >= (1 << 16);
}

template <class T>
constexpr MatmulPlan matmul_plan(const MatmulShape& s) {
  constexpr Size bytes = static_cast<Size>(sizeof(T));
  MatmulPlan plan;
  if (s.rows == 0 || s.columns == 0) return plan;
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
  // Where A is larger than the second-level cache, a part of it goes through all panels before the next one
  // does.
  const bool is_reused = s.columns > 2 * plan.wide.valid;
  const bool is_a_far = std::min(plan.depth, s.inner) * s.rows * bytes > group_bytes;
  const Size tile_bytes = plan.depth * most_rows(plan.wide.vectors) * bytes;
  plan.group = is_reused && is_a_far ? std::max(group_bytes / tile_bytes, Size{1})
                                     : std::max(plan.heights.tiles, Size{1});
  // Elements of A whose distance is a multiple of a page share a set of the first-level cache.
  const bool is_strided =
      s.transpose_left ? left * bytes >= 2048 : left * bytes >= 4096 && left * bytes % 4096 == 0;
  plan.packs_a = is_strided && may_pack_rows<T>(s);
  plan.is_c_far = s.rows * s.columns * bytes > (1 << 15);
  plan.is_b_far = s.inner * s.columns * bytes > (1 << 18);
  return plan;
}

/// Between the rows of A where they are packed: no power of two, whose lines would share a set of the cache.
inline constexpr Size packed_row = 512 + 16;

/// The bytes that a product of this element type needs room for: for the sums of blocks, or for packed rows
/// of A. However far the rows of A lie apart, which is known only once a program is planned.
template <class T>
constexpr Size scratch_bytes(const MatmulShape& s) {
  const MatmulPlan plan = matmul_plan<T>(s);
  if (s.inner > longest_inner) {
    return s.rows * std::min(s.columns, plan.wide.columns()) * static_cast<Size>(sizeof(double));
  }
  if (!may_pack_rows<T>(s)) return 0;
  const Size rows = std::min(plan.group * most_rows(plan.wide.vectors), s.rows);
  return rows * std::max(plan.depth, packed_row) * static_cast<Size>(sizeof(T));
}

/// The doubles that a product needs room for, whatever its element type.
constexpr Size scratch_count(const MatmulShape& s) {
  constexpr Size unit = sizeof(double);
  return (std::max(scratch_bytes<float>(s), scratch_bytes<double>(s)) + unit - 1) / unit;
}

}  // namespace ctgrad::kernels
