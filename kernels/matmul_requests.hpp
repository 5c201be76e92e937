#pragma once

#include <ctgrad/kernels/matmul_task.hpp>

/// What the tiles of a large matrix product ask for, so that it lies in a near cache when its turn comes.
namespace ctgrad::kernels {

/// A part of the inner axis.
struct InnerBlock {
  Size begin;
  Size count;
  bool is_first;  ///< of those that are added up in C
  bool is_last;   ///< the product is complete behind it
};

/// Tiles [first, end) of all, their rows of A packed or not.
template <class T>
struct TileGroup {
  Size first;
  Size end;
  const T* packed;
};

/// A panel of B, its rows so far apart, and where it came from; null where the next ones lie packed.
template <class T>
struct PanelOfB {
  const T* first;
  Size inner;
  const T* stored;
  Size index = 0;   ///< which of the kept panels it is
  Size panels = 0;  ///< so many are kept
};

/// The requests of a product's tiles. Each answer lies within its matrix, or is of no rows.
template <class T>
class ProductRequests {
 public:
  ProductRequests(const MatmulShape& shape, const MatmulPlan& plan, const T* c, const T* a)
      : shape_(shape), plan_(plan), c_(c), a_(a) {}

  /// A part of the next group's rows of A: each tile of this group asks for another one.
  WantedRows<T> next_left(const PanelOfB<T>& b, const TileGroup<T>& group, const InnerBlock& block, Size tile,
                          Size width) const {
    const Size begin = plan_.heights.row_of(group.end);
    const Size end = plan_.heights.row_of(std::min(group.end + plan_.group, plan_.heights.tiles));
    const Size rows = (end - begin + b.panels - 1) / b.panels;  // of this panel's tiles
    if (rows == 0) return {};
    const Size tiles_of_row = std::max((group.end - group.first) / rows, Size{1});
    const Size row = begin + b.index * rows + (tile - group.first) / tiles_of_row;
    const Size lines = (block.count + width - 1) / width;
    const Size count = (lines + tiles_of_row - 1) / tiles_of_row;
    const Size first = (tile - group.first) % tiles_of_row * count;
    if (row >= end || first >= lines) return {};
    return {a_ + row * plan_.a_row + block.begin + first * width, std::min(count, lines - first), width};
  }

  /// The tile of C behind the one of `rows` rows at (i, j): the one below it, or the first of the group in
  /// the next panel.
  WantedRows<T> next_c(const PanelFunctions<T>& panel, Size rows, Size i, Size j, const TileGroup<T>& group,
                       Size tile) const {
    const Size below = i + rows;
    if (tile + 1 < group.end || !plan_.asks_for_c) {
      return at(below, j, below + rows <= shape_.rows ? rows : 0);
    }
    const Size beside = j + panel.columns;
    return at(plan_.heights.row_of(group.first), beside, beside + panel.columns <= shape_.columns ? rows : 0);
  }

  /// A part of the rows of A, stored transposed, that the next block of the inner axis packs: each tile of
  /// the last panel asks for another one.
  WantedRows<T> next_block(const InnerBlock& block, Size tile, Size width) const {
    const Size begin = block.begin + block.count;
    const Size lines = std::min(plan_.depth, shape_.inner - begin) * shape_.rows / width;
    const Size count = (lines + plan_.heights.tiles - 1) / plan_.heights.tiles;
    const Size first = tile * count;
    if (first >= lines) return {};
    return {a_ + begin * plan_.a_inner + first * width, std::min(count, lines - first), width};
  }

 private:
  WantedRows<T> at(Size i, Size j, Size rows) const {
    if (rows == 0) return {};
    return {c_ + i * plan_.c_row + j, rows, plan_.c_row};
  }

  const MatmulShape& shape_;
  const MatmulPlan& plan_;
  const T* c_;
  const T* a_;
};

}  // namespace ctgrad::kernels
