#pragma once

#include <ctgrad/kernels/small_matmul.hpp>

/// Matrix products, their functions and blocks chosen by shape at compile time.
namespace ctgrad::kernels {

/// Leaves a product as it is.
struct NoEpilogue {
  template <Size Rows, Size Columns, class T>
  void finish(T*, Size, Size, Size) const {}
};

/// The loops of a product: over blocks of the inner axis, groups of tiles, panels and tiles.
template <class T>
class Product {
 public:
  Product(const MatmulTask<T>& task, T* c, const T* a, const T* b, const FinishFunctions<T>& finish)
      : shape_(task.shape), plan_(task.plan), task_(task), c_(c), a_(a), b_(b), finish_(finish) {}

  /// Packs all of A, whose inner axis is one block, for products with several matrices B.
  void pack_left(T* packed_a) const {
    pack_tiles(packed_a, 0, plan_.heights.tiles, {0, shape_.inner, true, true});
  }

  /// The same as run, of an A that pack_left has packed.
  void run_packed(const T* packed_a) const {
    const Block block{0, shape_.inner, true, true};
    for (Size first = 0; first < plan_.heights.tiles; first += plan_.group) {
      const Group group{first, std::min(first + plan_.group, plan_.heights.tiles),
                        packed_a + row_of(first) * packed_a_row()};
      multiply_group(group, block);
    }
  }

  /// C = A B, or C += A B; each element is one chain.
  void run(T* packed_a) const {
    for (Size begin = 0; begin < shape_.inner || begin == 0; begin += plan_.depth) {
      const Size count = std::min(plan_.depth, shape_.inner - begin);
      multiply_block({begin, count, begin == 0, begin + plan_.depth >= shape_.inner}, packed_a);
    }
  }

  /// The same for a long inner axis, a few blocks of which are added up in C, and these in `totals`.
  void run_in_double(double* totals, T* packed_a) const {
    visit_totals(totals, [&](double& total, const T& c)
                             CTGRAD_INLINED { total = shape_.accumulate ? static_cast<double>(c) : 0; });
    for (Size begin = 0, block = 0; begin < shape_.inner; begin += plan_.depth, ++block) {
      const bool is_last = begin + plan_.depth >= shape_.inner;
      multiply_block({begin, std::min(plan_.depth, shape_.inner - begin), block % blocks_to_add == 0, false},
                     packed_a);
      if ((block + 1) % blocks_to_add != 0 && !is_last) continue;
      visit_totals(totals, [](double& total, const T& c) CTGRAD_INLINED { total += static_cast<double>(c); });
    }
    visit_totals(totals, [](double& total, T& c) CTGRAD_INLINED { c = static_cast<T>(total); });
    for_each_panel([&](const PanelFunctions<T>& panel, Size j) {
      for (Size tile = 0; tile < plan_.heights.tiles; ++tile)
        finish_tile(panel, functions_of(panel, tile), row_of(tile), j);
    });
  }

 private:
  /// A part of the inner axis.
  struct Block {
    Size begin;
    Size count;
    bool is_first;  ///< of those that are added up in C
    bool is_last;   ///< the product is complete behind it
  };

  /// Tiles [first, end) of all, their rows of A packed or not.
  struct Group {
    Size first;
    Size end;
    const T* packed;
  };

  /// The first row of a tile.
  Size row_of(Size tile) const { return tile * plan_.heights.low + std::min(tile, plan_.heights.high); }
  const TileFunctions<T>& functions_of(const PanelFunctions<T>& panel, Size tile) const {
    return tile < plan_.heights.high ? panel.high : panel.low;
  }

  template <class Visit>
  void for_each_panel(const Visit& visit) const {
    const Size wide = task_.wide.valid;
    Size j = 0;
    for (; j + wide <= shape_.columns; j += wide) visit(task_.wide, j);
    if (j < shape_.columns) visit(task_.last, j);
  }

  /// Calls visit(total, element of C) for all.
  template <class Visit>
  void visit_totals(double* totals, const Visit& visit) const {
    T* c = c_;
    for (Size i = 0; i < shape_.rows; ++i, totals += shape_.columns, c += plan_.c_row) {
      for (Size j = 0; j < shape_.columns; ++j) visit(totals[j], c[j]);
    }
  }

  void multiply_block(const Block& block, T* packed_a) const {
    for (Size first = 0; first < plan_.heights.tiles; first += plan_.group) {
      const Group group{first, std::min(first + plan_.group, plan_.heights.tiles), packed_a};
      if (plan_.packs_a) pack_tiles(packed_a, group.first, group.end, block);
      multiply_group(group, block);
    }
  }

  void multiply_group(const Group& group, const Block& block) const {
    for_each_panel([&](const PanelFunctions<T>& panel, Size j) { multiply_panel(panel, j, block, group); });
  }

  /// Where the rows of a tile are packed.
  const T* packed_tile(const Group& group, Size tile) const {
    return group.packed + (row_of(tile) - row_of(group.first)) * packed_a_row();
  }
  Size packed_a_row() const { return shape_.transpose_left ? plan_.depth : packed_row(plan_); }

  void pack_tiles(T* to, Size first, Size end, const Block& block) const {
    for (Size tile = first; tile < end; ++tile) {
      const TileFunctions<T>& functions = functions_of(task_.wide, tile);
      const T* from = a_ + row_of(tile) * plan_.a_row + block.begin * plan_.a_inner;
      if (functions.pack != nullptr) {
        functions.pack(to, from, block.count, plan_.a_inner);
      } else {
        for (Size i = 0; i < functions.rows; ++i)
          std::copy_n(from + i * plan_.a_row, block.count, to + i * packed_a_row());
      }
      to += functions.rows * packed_a_row();
    }
  }

  /// The panel of C that begins at column j, B packed where it has to be.
  void multiply_panel(const PanelFunctions<T>& panel, Size j, const Block& block, const Group& group) const {
    const Size inner = shape_.transpose_right ? 1 : plan_.b_stride;
    const T* stored = b_ + block.begin * inner + j * (shape_.transpose_right ? plan_.b_stride : 1);
    if (panel.pack != nullptr) {
      alignas(64) T packed[static_cast<std::size_t>(panel_elements<T>)];
      panel.pack(packed, stored, block.count, plan_.b_stride);
      multiply_tiles(panel, j, {packed, panel.columns, stored}, block, group);
    } else {
      multiply_tiles(panel, j, {stored, plan_.b_stride, stored}, block, group);
    }
  }

  /// A panel of B, its rows b_inner apart, and where it came from.
  struct PanelOfB {
    const T* first;
    Size inner;
    const T* stored;
  };

  /// All tiles of a panel, from the top down: the high ones, then the low ones.
  void multiply_tiles(const PanelFunctions<T>& panel, Size j, const PanelOfB& b, const Block& block,
                      const Group& group) const {
    TileTask<T> task{block.count, plan_.a_inner, b.inner, plan_.c_row};
    task.next_b = {b.stored + panel.valid, 0, plan_.b_stride};
    if (plan_.is_b_far && !shape_.transpose_right && j + 2 * panel.valid <= shape_.columns) {
      const Size tiles = group.end - group.first;
      task.next_b.rows = (block.count + tiles - 1) / tiles;
    }
    const Size high = std::clamp(plan_.heights.high, group.first, group.end);
    if (high > group.first)
      multiply_tiles(panel, panel.high, group.first, high, j, b.first, task, block, group);
    if (group.end > high) multiply_tiles(panel, panel.low, high, group.end, j, b.first, task, block, group);
  }

  /// Tiles [first, end) of one height.
  void multiply_tiles(const PanelFunctions<T>& panel, const TileFunctions<T>& functions, Size first, Size end,
                      Size j, const T* b, TileTask<T>& task, const Block& block, const Group& group) const {
    const bool continues = shape_.accumulate || !block.is_first;
    const auto multiply = block.is_first ? functions.begin : functions.resume;
    const Size rows = functions.rows;
    Size i = row_of(first);
    T* c = c_ + i * plan_.c_row + j;
    const T* a =
        plan_.packs_a ? packed_tile(group, first) : a_ + i * plan_.a_row + block.begin * plan_.a_inner;
    if (plan_.packs_a) task.a_inner = rows;
    const Size next_a = rows * (plan_.packs_a ? packed_a_row() : plan_.a_row);
    for (Size tile = first; tile < end; ++tile) {
      if (panel.pad != nullptr) {
        multiply_beside(panel, multiply, rows, c, a, b, task, continues);
      } else {
        const bool wants_c = continues && plan_.is_c_far && i + 2 * rows <= shape_.rows;
        task.next_c = {c + rows * plan_.c_row, wants_c ? rows : 0, plan_.c_row};
        multiply(c, a, b, task);
      }
      if (block.is_last) finish_tile(panel, functions, i, j);
      task.next_b.first += task.next_b.rows * plan_.b_stride;
      i += rows;
      a += next_a;
      c += rows * plan_.c_row;
    }
  }

  /// A tile of fewer columns than its vectors have: beside C, with zeros behind it.
  void multiply_beside(const PanelFunctions<T>& panel, typename TileFunctions<T>::Multiply multiply,
                       Size rows, T* c, const T* a, const T* b, TileTask<T> task, bool continues) const {
    alignas(64) T beside[static_cast<std::size_t>(vector_registers * lanes_of<T>)];
    if (continues) panel.pad(beside, c, rows, task.c_row);
    task.c_row = panel.columns;
    multiply(beside, a, b, task);
    panel.unpad(c, beside, rows, plan_.c_row);
  }

  void finish_tile(const PanelFunctions<T>& panel, const TileFunctions<T>& functions, Size i, Size j) const {
    const bool is_high = &functions == &panel.high;
    const auto finish = &panel == &task_.wide ? (is_high ? finish_.wide_high : finish_.wide_low)
                                              : (is_high ? finish_.last_high : finish_.last_low);
    if (finish != nullptr) finish(finish_.epilogue, c_ + i * plan_.c_row + j, i, j, plan_.c_row);
  }

  const MatmulShape& shape_;
  const MatmulPlan& plan_;
  const MatmulTask<T>& task_;
  T* c_;
  const T* a_;
  const T* b_;
  const FinishFunctions<T>& finish_;
};

/// The product of a table; scratch [scratch_count(shape)] is room.
template <class T>
CTGRAD_NOINLINE void matmul(const MatmulTask<T>& task, T* c, const T* a, const T* b, double* scratch,
                            const FinishFunctions<T>& finish) {
  const Product<T> product{task, c, a, b, finish};
  T* packed_a = reinterpret_cast<T*>(scratch + total_count(task.shape));
  if (has_totals(task.shape)) {
    product.run_in_double(scratch, packed_a);
  } else {
    product.run(packed_a);
  }
}

/// c = a b, or c += a b, for matrices of the given shape, each tile finished by the epilogue. Scratch
/// [scratch_count(S)] is room.
template <MatmulShape S, class T, class Epilogue = NoEpilogue>
void matmul(T* c, const T* a, const T* b, [[maybe_unused]] double* scratch, const Epilogue& epilogue = {}) {
  if constexpr (S.rows == 0 || S.columns == 0) {
    return;
  } else if constexpr (is_small<S, T>) {
    SmallProduct<S, T, Epilogue>{c, a, b, epilogue}.run();
  } else {
    FinishFunctions<T> finish;
    if constexpr (!std::is_same_v<Epilogue, NoEpilogue>) finish = finish_functions<S, T>(epilogue);
    matmul(MatmulTaskOf<S, T>::value, c, a, b, scratch, finish);
  }
}

/// Whether a product may have its A packed beforehand, and has use for that: its inner axis is one block.
template <MatmulShape S, class T>
inline constexpr bool takes_packed_left = plan_of<S, T>.packs_a && S.inner <= plan_of<S, T>.depth;

/// Packs A for any number of products that differ in the columns of B alone, to packed
/// [packed_left_count(S)].
template <MatmulShape S, class T>
void pack_left(T* packed, const T* a) {
  if constexpr (takes_packed_left<S, T>)
    Product<T>{MatmulTaskOf<S, T>::value, nullptr, a, nullptr, {}}.pack_left(packed);
}

/// The same as matmul, of a matrix A that pack_left has packed, where this product has use for that.
template <MatmulShape S, class T>
void matmul_packed(T* c, const T* a, const T* packed, const T* b, double* scratch) {
  if constexpr (takes_packed_left<S, T>) {
    Product<T>{MatmulTaskOf<S, T>::value, c, a, b, {}}.run_packed(packed);
  } else {
    matmul<S>(c, a, b, scratch);
  }
}

}  // namespace ctgrad::kernels
