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
  Size result_stride = 0;        ///< between the rows of C; 0 where these lie side by side
  Size chain = 0;  ///< so many products at most are summed up before they are added to C; 0: all, from C on
};

/// Tiles of nearly equal height, so that no low one is left over: the first `high` of them have low + 1 rows.
struct TileHeights {
  Size tiles = 0;
  Size low = 0;
  Size high = 0;

  /// The first row of a tile.
  constexpr Size row_of(Size tile) const { return tile * low + std::min(tile, high); }
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

/// A longer inner axis is cut into blocks, each a chain of its own. Their sums are added up, so many of them
/// in the element type and those in double.
inline constexpr Size longest_inner = 4096;
inline constexpr Size blocks_to_add = 16;

/// The most elements of such a block. It is short where a tile has so few sums that each addition waits for
/// the one before it anyway. The same for all widths of vectors, and so are the sums.
constexpr Size long_inner_block(const MatmulShape& s) {
  if (std::min(s.rows, Size{6}) * s.columns <= 16) return 64;
  return s.rows >= 5 ? 512 : 128;
}

/// Whether sums of blocks are added up in double.
constexpr bool has_totals(const MatmulShape& s) {
  return s.inner > longest_inner && s.inner > blocks_to_add * long_inner_block(s);
}

/// The bytes of A that go through panels of B before the next ones do: a part of the second-level cache. With
/// the widest vectors that is a tile or two, which stay in the first-level cache while panels come from
/// further out. Rows of a transposed A are packed, several tiles at once, which takes longer than a small
/// cache gains.
constexpr Size group_bytes(const MatmulShape& s) {
  if (vector_bytes == 64) return s.transpose_left ? 1 << 19 : 1 << 14;
  return s.transpose_left ? 1 << 23 : 1 << 18;
}

/// The elements of B that are packed at once where several groups of rows of A read them: they stay in the
/// third-level cache.
inline constexpr Size kept_elements = 1 << 18;

/// From this distance of stored rows on, in bytes, operands are copied to where they lie in one piece: they
/// share sets of the first-level cache. The widest vectors take so little time for a row of a transposed A
/// that it is always copied.
inline constexpr Size far_rows = 512;
inline constexpr Size far_left_rows = vector_bytes == 64 ? 0 : far_rows;

/// From so many rows of A on panels of B are copied, whose rows lie far apart.
inline constexpr Size many_rows = 96;

struct MatmulPlan {
  Size a_row = 0;  ///< between elements of A along its rows
  Size a_inner = 0;
  Size b_stride = 0;  ///< between stored rows of B
  Size c_row = 0;     ///< between rows of C
  Panel wide;         ///< of all columns but the last
  Panel last;         ///< of those left over, if any are
  TileHeights heights;
  bool packs = false;           ///< panels of B are copied to where they lie in one piece
  bool packs_a = false;         ///< and so are the rows of A
  bool keeps_b = false;         ///< the packed panels of several columns are kept for all groups of rows
  bool asks_ahead = false;      ///< and tiles ask for the next group's rows of A, while they take long enough
  bool asks_for_block = false;  ///< those of the last panel ask for the rows of A that the next block packs
  bool asks_for_c = false;      ///< they ask for the lines of C, which outgrows the nearer caches, beforehand
  Size range = 0;               ///< columns whose panels go through all rows before the next ones do
  Size group = 0;               ///< tiles that go through all panels of a block before the next ones do
  Size depth = 0;               ///< the inner axis is cut into blocks of at most so many
  bool is_c_far = false;        ///< the rows of C lie farther apart than the first-level cache is large
  bool is_b_far = false;        ///< B is much larger
};

/// The most elements of a packed panel of B, which so stays in the nearest caches.
template <class T>
inline constexpr Size panel_elements = 1024 * lanes_of<T>;

/// The inner axis in blocks of nearly equal length.
constexpr Size block_depth(const MatmulShape& s, Size vectors) {
  const Size inner = s.inner;
  // A packed tile of A and its panel of B fit the first-level cache together.
  const Size usual = (vector_bytes == 64 && s.transpose_left ? 512 : 1024) / vectors;
  const Size most = inner > longest_inner ? long_inner_block(s) : s.chain != 0 ? s.chain : usual;
  const Size blocks = std::max((inner + most - 1) / most, Size{1});
  const Size depth = std::max((inner + blocks - 1) / blocks, Size{1});
  return blocks > 1 ? depth + depth % 2 : depth;
}

/// Whether rows of A are worth a copy: if there are many, and several panels read them.
template <class T>
constexpr bool may_pack_rows(const MatmulShape& s) {
  return s.columns > 2 * tile_columns<T> && s.rows >= 2 * most_rows(2) &&
         s.rows * s.inner * static_cast<Size>(sizeof(T)) >= (1 << 16);
}

/// The columns whose packed panels are kept at once, where they are: whole panels.
constexpr Size kept_columns(const MatmulPlan& plan) {
  return std::max(kept_elements / (plan.depth * plan.wide.valid), Size{1}) * plan.wide.valid;
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
  plan.c_row = s.result_stride != 0 ? s.result_stride : s.columns;
  const Size vectors = tile_vectors(s.rows);
  plan.wide = s.columns >= vectors * lanes_of<T> ? Panel{vectors * lanes_of<T>, vectors, lanes_of<T>}
                                                 : panel_of<T>(s.columns);
  plan.last = panel_of<T>(s.columns % plan.wide.valid);
  plan.heights = tile_heights(s.rows, plan.wide.vectors);
  // Rows of B that lie far apart cost a page and a cache line each: a copy pays where many rows of A read it.
  plan.packs = s.transpose_right || (s.rows >= many_rows && plan.b_stride * bytes >= far_rows);
  plan.depth = block_depth(s, plan.wide.vectors);
  // Where A is larger than such a group, a part of it goes through many panels before the next one
  // does, and these are packed once for all parts.
  const bool is_reused = s.columns > 2 * plan.wide.valid;
  const bool is_a_far = std::min(plan.depth, s.inner) * s.rows * bytes > group_bytes(s);
  const Size tile_bytes = plan.depth * most_rows(plan.wide.vectors) * bytes;
  plan.group = is_reused && is_a_far ? std::max(group_bytes(s) / tile_bytes, Size{1})
                                     : std::max(plan.heights.tiles, Size{1});
  plan.keeps_b = plan.packs && !s.transpose_left && plan.group < plan.heights.tiles;
  plan.asks_ahead = plan.keeps_b && plan.depth >= 256;
  plan.range = plan.keeps_b ? kept_columns(plan) : s.columns;
  // Elements of A whose distance is a multiple of a page share a set of the first-level cache.
  const bool is_strided =
      s.transpose_left ? left * bytes >= far_left_rows : left * bytes >= 4096 && left * bytes % 4096 == 0;
  plan.packs_a = is_strided && may_pack_rows<T>(s);
  plan.is_c_far = s.rows * plan.c_row * bytes > (1 << 15);
  plan.asks_for_block = plan.packs_a && s.transpose_left && left == s.rows && s.inner > plan.depth;
  plan.asks_for_c = s.rows * plan.c_row * bytes >= (1 << 19) &&
                    plan.depth >= turns_between_requests * most_rows(plan.wide.vectors);
  plan.is_b_far = s.inner * s.columns * bytes > (1 << 18);
  return plan;
}

/// The plan of a product, made once.
template <MatmulShape S, class T>
inline constexpr MatmulPlan plan_of = matmul_plan<T>(S);

/// Between the rows of A where they are packed: no power of two, whose lines would share a set of the cache.
constexpr Size packed_row(const MatmulPlan& plan) { return (plan.depth + 15) / 16 * 16 + 16; }

/// The elements of a product that are room for packed panels of B, which are kept, before packed rows of A.
constexpr Size kept_count(const MatmulShape& s, const MatmulPlan& plan) {
  if (s.transpose_left || plan.group >= plan.heights.tiles) return 0;
  return (std::min(kept_columns(plan), s.columns) + plan.last.columns()) * plan.depth;
}

/// The bytes that a product of this element type needs room for packed panels and rows. However far rows lie
/// apart and whether A is stored transposed, which is known only once a program is planned: what reads a
/// permutation in its place turns the one into the other.
template <class T>
constexpr Size packed_bytes(MatmulShape s) {
  Size most = 0;
  for (const bool transposed : {false, true}) {
    s.transpose_left = transposed;
    const MatmulPlan plan = matmul_plan<T>(s);
    const Size rows = may_pack_rows<T>(s) ? std::min(plan.group * most_rows(plan.wide.vectors), s.rows) : 0;
    most = std::max(most, kept_count(s, plan) + rows * packed_row(plan));
  }
  return most * static_cast<Size>(sizeof(T));
}

/// The doubles that all of A takes packed, whatever its element type.
constexpr Size packed_left_count(const MatmulShape& s) {
  const auto bytes = [&]<class T>(const T&) {
    const MatmulPlan plan = matmul_plan<T>(s);
    if (!may_pack_rows<T>(s)) return Size{0};
    const Size blocks = (s.inner + plan.depth - 1) / plan.depth;
    return blocks * s.rows * packed_row(plan) * static_cast<Size>(sizeof(T));
  };
  constexpr Size unit = sizeof(double);
  return (std::max(bytes(float{}), bytes(double{})) + unit - 1) / unit;
}

/// The doubles that a product needs room for, before packed rows of A.
constexpr Size total_count(const MatmulShape& s) { return has_totals(s) ? s.rows * s.columns : 0; }

/// The doubles that a product needs room for, whatever its element type.
constexpr Size scratch_count(const MatmulShape& s) {
  constexpr Size unit = sizeof(double);
  return total_count(s) + (std::max(packed_bytes<float>(s), packed_bytes<double>(s)) + unit - 1) / unit;
}

}  // namespace ctgrad::kernels
