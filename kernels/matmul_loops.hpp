#pragma once

#include <ctgrad/kernels/matmul_requests.hpp>

/// The loops of large matrix products.
namespace ctgrad::kernels {

/// The loops of a product: over blocks of the inner axis, groups of tiles, panels and tiles.
template <class T>
class Product {
 public:
  /// The product, or a part of it: whole panels of columns.
  Product(const MatmulTask<T>& task, T* c, const T* a, const T* b, const FinishFunctions<T>& finish,
          CallPart part = {})
      : columns_(panels_of(part, task)),
        shape_(task.shape),
        plan_(task.plan),
        task_(task),
        c_(c),
        a_(a),
        b_(b),
        finish_(finish),
        requests_(task.shape, task.plan, c, a) {}

  /// Packs all of A for products with several matrices B.
  void pack_left(T* packed_a) const {
    for_each_block([&](const Block& block) {
      pack_tiles(packed_a + block_of_left(block), 0, plan_.heights.tiles, block);
    });
  }

  /// The same as run, of an A that pack_left has packed.
  void run_packed(const T* packed_a, T* room) const {
    for_each_block([&](const Block& block) { multiply_block(block, room, packed_a + block_of_left(block)); });
  }

  /// C = A B, or C += A B; each element is one chain.
  void run(T* room) const {
    for_each_block([&](const Block& block) { multiply_block(block, room); });
  }

  /// The same for a long inner axis, a few blocks of which are added up in C, and these in `totals`.
  void run_in_double(double* totals, T* room) const {
    visit_totals(totals, [&](double& total, const T& c)
                             CTGRAD_INLINED { total = shape_.accumulate ? static_cast<double>(c) : 0; });
    for (Size begin = 0, block = 0; begin < shape_.inner; begin += plan_.depth, ++block) {
      const bool is_last = begin + plan_.depth >= shape_.inner;
      multiply_block({begin, std::min(plan_.depth, shape_.inner - begin), block % blocks_to_add == 0, false},
                     room);
      if ((block + 1) % blocks_to_add != 0 && !is_last) continue;
      visit_totals(totals, [](double& total, const T& c) CTGRAD_INLINED { total += static_cast<double>(c); });
    }
    visit_totals(totals, [](double& total, T& c) CTGRAD_INLINED { c = static_cast<T>(total); });
    for_each_panel(0, shape_.columns, [&](const PanelFunctions<T>& panel, Size j) {
      for (Size tile = 0; tile < plan_.heights.tiles; ++tile)
        finish_tile(panel, functions_of(panel, tile), plan_.heights.row_of(tile), j);
    });
  }

 private:
  using Block = InnerBlock;
  using Group = TileGroup<T>;
  /// Columns [begin, end) of C and their panels of B, packed one after the other or not.
  struct Range {
    Size begin;
    Size end;
    const T* packed;
  };

  /// Columns [begin, end) of C.
  struct Columns {
    Size begin;
    Size end;
  };
  static Columns panels_of(CallPart part, const MatmulTask<T>& task) {
    const Size wide = task.wide.valid, all = task.shape.columns, panels = (all + wide - 1) / wide;
    return {part.begin(panels) * wide, std::min(part.end(panels) * wide, all)};
  }

  const TileFunctions<T>& functions_of(const PanelFunctions<T>& panel, Size tile) const {
    return tile < plan_.heights.high ? panel.high : panel.low;
  }

  template <class Visit>
  void for_each_panel(Size j, Size end, const Visit& visit) const {
    const Size wide = task_.wide.valid;
    for (; j + wide <= end; j += wide) visit(task_.wide, j);
    if (j < end) visit(task_.last, j);
  }

  template <class Visit>
  void for_each_block(const Visit& visit) const {
    for (Size begin = 0; begin < shape_.inner || begin == 0; begin += plan_.depth) {
      const Size count = std::min(plan_.depth, shape_.inner - begin);
      visit(Block{begin, count, begin == 0, begin + plan_.depth >= shape_.inner});
    }
  }
  /// Where a block begins of all of A, packed.
  Size block_of_left(const Block& block) const {
    return block.begin / plan_.depth * shape_.rows * packed_a_row();
  }

  /// Calls visit(total, element of C) for all.
  template <class Visit>
  void visit_totals(double* totals, const Visit& visit) const {
    T* c = c_;
    for (Size i = 0; i < shape_.rows; ++i, totals += shape_.columns, c += plan_.c_row) {
      for (Size j = 0; j < shape_.columns; ++j) visit(totals[j], c[j]);
    }
  }

  /// Room [packed_bytes]: for panels that are kept, then for rows; these may be packed already, all of them.
  void multiply_block(const Block& block, T* room, const T* all_rows = nullptr) const {
    T* rows = room + (plan_.keeps_b ? kept_count(shape_, plan_) : 0);
    for (Size begin = columns_.begin; begin < columns_.end; begin += plan_.range) {
      const Range range{begin, std::min(begin + plan_.range, columns_.end), plan_.keeps_b ? room : nullptr};
      if (plan_.keeps_b) pack_panels(range, block, room);
      for (Size first = 0; first < plan_.heights.tiles; first += plan_.group) {
        const Size end = std::min(first + plan_.group, plan_.heights.tiles);
        if (plan_.packs_a && all_rows == nullptr) pack_tiles(rows, first, end, block);
        const Group group{
            first, end, all_rows == nullptr ? rows : all_rows + plan_.heights.row_of(first) * packed_a_row()};
        for_each_panel(begin, range.end, [&](const PanelFunctions<T>& panel, Size j) {
          multiply_panel(panel, j, range, block, group);
        });
      }
    }
  }

  /// Where the rows of a tile are packed.
  const T* packed_tile(const Group& group, Size tile) const {
    return group.packed + (plan_.heights.row_of(tile) - plan_.heights.row_of(group.first)) * packed_a_row();
  }
  Size packed_a_row() const { return shape_.transpose_left ? plan_.depth : packed_row(plan_); }

  void pack_tiles(T* to, Size first, Size end, const Block& block) const {
    // Some rows at a time of what is stored, for all tiles: each reads but a part of their lines.
    const Size most = shape_.transpose_left ? 16 : block.count;
    for (Size begin = 0; begin < block.count; begin += most)
      pack_tiles(to, first, end, block.begin + begin, begin, std::min(most, block.count - begin));
  }

  /// A part of the inner axis, `count` elements from `stored` on, which are `begin` and on of the packed
  /// ones.
  void pack_tiles(T* to, Size first, Size end, Size stored, Size begin, Size count) const {
    for (Size tile = first; tile < end; ++tile) {
      const TileFunctions<T>& functions = functions_of(task_.wide, tile);
      const T* from = a_ + plan_.heights.row_of(tile) * plan_.a_row + stored * plan_.a_inner;
      if (functions.pack != nullptr) {
        functions.pack(to + begin * functions.rows, from, count, plan_.a_inner);
      } else {
        for (Size i = 0; i < functions.rows; ++i)
          std::copy_n(from + i * plan_.a_row, count, to + i * packed_a_row());
      }
      to += functions.rows * packed_a_row();
    }
  }

  /// Packs the panels of columns, some rows of B at a time where these lie far apart.
  void pack_panels(const Range& range, const Block& block, T* to) const {
    const Size most = shape_.transpose_right ? block.count : 16;
    for (Size begin = 0; begin < block.count; begin += most) {
      const Size count = std::min(most, block.count - begin);
      for_each_panel(range.begin, range.end, [&](const PanelFunctions<T>& panel, Size j) {
        const T* stored = stored_panel(j, block) + begin * plan_.b_stride;
        panel.pack(to + (j - range.begin) * block.count + begin * panel.columns, stored, count,
                   plan_.b_stride);
      });
    }
  }

  /// Where the panel of B is stored that begins at column j.
  const T* stored_panel(Size j, const Block& block) const {
    const Size inner = shape_.transpose_right ? 1 : plan_.b_stride;
    return b_ + block.begin * inner + j * (shape_.transpose_right ? plan_.b_stride : 1);
  }

  /// The panel of C that begins at column j, B packed where it has to be.
  void multiply_panel(const PanelFunctions<T>& panel, Size j, const Range& range, const Block& block,
                      const Group& group) const {
    const T* stored = stored_panel(j, block);
    if (range.packed != nullptr) {
      const T* packed = range.packed + (j - range.begin) * block.count;
      const Size panels = (range.end - range.begin + panel.valid - 1) / panel.valid;
      multiply_tiles(panel, j, {packed, panel.columns, nullptr, (j - range.begin) / panel.valid, panels},
                     block, group);
    } else if (panel.pack != nullptr) {
      alignas(64) T packed[static_cast<std::size_t>(panel_elements<T>)];
      panel.pack(packed, stored, block.count, plan_.b_stride);
      multiply_tiles(panel, j, {packed, panel.columns, stored}, block, group);
    } else {
      multiply_tiles(panel, j, {stored, plan_.b_stride, stored}, block, group);
    }
  }

  /// All tiles of a panel, from the top down: the high ones, then the low ones.
  void multiply_tiles(const PanelFunctions<T>& panel, Size j, const PanelOfB<T>& b, const Block& block,
                      const Group& group) const {
    TileTask<T> task{block.count, plan_.a_inner, b.inner, plan_.c_row};
    task.next_b = {b.stored == nullptr ? nullptr : b.stored + panel.valid, 0, plan_.b_stride};
    if (b.stored != nullptr && plan_.is_b_far && !shape_.transpose_right &&
        j + 2 * panel.valid <= shape_.columns) {
      const Size tiles = group.end - group.first;
      task.next_b.rows = (block.count + tiles - 1) / tiles;
    }
    const Size high = std::clamp(plan_.heights.high, group.first, group.end);
    if (high > group.first) multiply_tiles(panel, panel.high, group.first, high, j, b, task, block, group);
    if (group.end > high) multiply_tiles(panel, panel.low, high, group.end, j, b, task, block, group);
  }

  /// Tiles [first, end) of one height.
  void multiply_tiles(const PanelFunctions<T>& panel, const TileFunctions<T>& functions, Size first, Size end,
                      Size j, const PanelOfB<T>& b, TileTask<T>& task, const Block& block,
                      const Group& group) const {
    const bool continues = shape_.accumulate || !block.is_first;
    const bool wants_c = continues ? plan_.is_c_far : plan_.asks_for_c;
    const auto multiply = block.is_first ? functions.begin : functions.resume;
    const Size rows = functions.rows;
    Size i = plan_.heights.row_of(first);
    T* c = c_ + i * plan_.c_row + j;
    const T* a =
        plan_.packs_a ? packed_tile(group, first) : a_ + i * plan_.a_row + block.begin * plan_.a_inner;
    if (plan_.packs_a) task.a_inner = rows;
    const Size next_a = rows * (plan_.packs_a ? packed_a_row() : plan_.a_row);
    for (Size tile = first; tile < end; ++tile) {
      if (panel.pad != nullptr) {
        multiply_beside(panel, multiply, rows, c, a, b.first, task, continues);
      } else {
        task.next_c = wants_c ? requests_.next_c(panel, rows, i, j, group, tile) : WantedRows<T>{};
        if (plan_.asks_ahead) task.next_b = requests_.next_left(b, group, block, tile, panel.columns);
        if (plan_.asks_for_block && j + panel.valid >= shape_.columns)
          task.next_b = requests_.next_block(block, tile, panel.columns);
        multiply(c, a, b.first, task);
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

  Columns columns_;
  const MatmulShape& shape_;
  const MatmulPlan& plan_;
  const MatmulTask<T>& task_;
  T* c_;
  const T* a_;
  const T* b_;
  const FinishFunctions<T>& finish_;
  ProductRequests<T> requests_;
};

}  // namespace ctgrad::kernels
