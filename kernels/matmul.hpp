#pragma once

#include <ctgrad/kernels/matmul_plan.hpp>
#include <ctgrad/kernels/pack.hpp>

#include <algorithm>
#include <cstddef>

/// Matrix products specialised by shape.
namespace ctgrad::kernels {

/// Leaves a product as it is.
struct NoEpilogue {
  template <Size Rows, Size Columns, class T>
  void finish(T*, Size, Size, Size) const {}
};

/// A product of one shape; the epilogue makes of it what follows, a tile at a time.
template <MatmulShape S, class T, class Epilogue>
class Product {
 public:
  Product(T* c, const T* a, const T* b, const Epilogue& epilogue)
      : c_(c), a_(a), b_(b), epilogue_(epilogue) {}

  void run(double* room) const {
    for (Size begin = 0; begin < S.inner || begin == 0; begin += plan.depth) {
      const Block block{begin, std::min(plan.depth, S.inner - begin), begin + plan.depth >= S.inner};
      for (Size first = 0; first < plan.heights.tiles; first += plan.group) {
        const Group group{first, std::min(first + plan.group, plan.heights.tiles),
                          reinterpret_cast<T*>(room)};
        if constexpr (plan.packs_a) pack_group(group, block);
        for_each_panel([&](auto panel, Size j) {
          constexpr Panel P = panel.value;
          if (S.accumulate || begin > 0) {
            multiply<P, (S.accumulate || S.inner > plan.depth)>(j, block, group);
          } else {
            multiply<P, S.accumulate>(j, block, group);
          }
        });
      }
    }
  }

  /// The same for a long inner axis, by blocks whose sums are added up in `totals`.
  void run_in_blocks(double* totals) const {
    for_each_panel([&](auto panel, Size j) { multiply_in_blocks<panel.value>(j, totals); });
  }

 private:
  static constexpr MatmulPlan plan = matmul_plan<T>(S);

  /// A part of the inner axis.
  struct Block {
    Size begin;
    Size count;
    bool is_last;  ///< the product is complete behind it
  };

  /// Tiles [first, end) of all, their rows of A packed or not.
  struct Group {
    Size first = 0;
    Size end = plan.heights.tiles;
    T* packed = nullptr;
  };

  /// The first row of a tile.
  static constexpr Size row_of(Size tile) {
    return tile * plan.heights.low + std::min(tile, plan.heights.high);
  }

  /// Calls body(rows, tile) for each of a group, `rows` a constant.
  template <class Body>
  static void for_each_tile(const Group& group, const Body& body) {
    Size t = group.first;
    if constexpr (plan.heights.high > 0) {
      for (; t < std::min(group.end, plan.heights.high); ++t)
        body(std::integral_constant<Size, plan.heights.low + 1>{}, t);
    }
    for (; t < group.end; ++t) body(std::integral_constant<Size, plan.heights.low>{}, t);
  }

  /// Where the rows of a tile are packed.
  static T* packed_tile(const Group& group, Size tile) {
    return group.packed + (row_of(tile) - row_of(group.first)) * (S.transpose_left ? plan.depth : packed_row);
  }

  void pack_group(const Group& group, const Block& block) const {
    for_each_tile(group, [&](auto rows, Size tile) {
      T* __restrict to = packed_tile(group, tile);
      const T* __restrict from = a_ + row_of(tile) * plan.a_row + block.begin * plan.a_inner;
      if constexpr (S.transpose_left) {
        for (Size k = 0; k < block.count; ++k) {
          for (Size i = 0; i < rows; ++i) to[k * rows + i] = from[k * plan.a_inner + i];
        }
      } else {
        for (Size i = 0; i < rows; ++i) std::copy_n(from + i * plan.a_row, block.count, to + i * packed_row);
      }
    });
  }

  template <Panel P>
  struct Constant {
    static constexpr Panel value = P;
  };

  template <class Visit>
  static void for_each_panel(const Visit& visit) {
    constexpr Size wide = plan.wide.valid;
    for (Size j = 0; j + wide <= S.columns; j += wide) visit(Constant<plan.wide>{}, j);
    if constexpr (plan.last.valid > 0) visit(Constant<plan.last>{}, S.columns - plan.last.valid);
  }

  /// The panel of C that begins at column j, B packed where it has to be.
  template <Panel P, bool Accumulate>
  void multiply(Size j, const Block& block, const Group& group) const {
    const T* b =
        S.transpose_right ? b_ + j * plan.b_stride + block.begin : b_ + block.begin * plan.b_stride + j;
    if constexpr (plan.packs || P.is_padded()) {
      alignas(64) T packed[static_cast<std::size_t>(plan.depth * P.columns())];
      if constexpr (S.transpose_right) {
        pack_transposed_panel<P.columns(), P.valid>(packed, b, block.count, plan.b_stride);
      } else {
        pack_panel<P.columns(), P.valid>(packed, b, block.count, plan.b_stride);
      }
      multiply_tiles<P, Accumulate>(j, packed, P.columns(), b, block, group);
    } else {
      multiply_tiles<P, Accumulate>(j, b, plan.b_stride, b, block, group);
    }
  }

  /// All tiles of a panel, from the top down; b: the panel of B, rows b_inner apart; stored: where it came
  /// from.
  template <Panel P, bool Accumulate>
  void multiply_tiles(Size j, const T* b, Size b_inner, const T* stored, const Block& block,
                      const Group& group) const {
    constexpr bool wants_b = plan.is_b_far && !S.transpose_right;
    const Size tiles = group.end - group.first;
    WantedRows<T> next_b{stored + P.valid, (block.count + tiles - 1) / tiles, plan.b_stride};
    if (!wants_b || j + 2 * P.valid > S.columns) next_b.rows = 0;
    for_each_tile(group, [&](auto rows, Size tile) {
      const Size i = row_of(tile);
      const T* a = plan.packs_a ? packed_tile(group, tile) : a_ + i * plan.a_row + block.begin * plan.a_inner;
      multiply_tile<P, rows, Accumulate>(i, j, a, b, b_inner, next_b, block);
      if constexpr (wants_b) next_b.first += next_b.rows * plan.b_stride;
    });
  }

  /// The tile at (i, j). What is left over of columns is computed beside C, with zeros behind it.
  template <Panel P, Size Rows, bool Accumulate>
  void multiply_tile(Size i, Size j, const T* a, const T* b, Size b_inner, const WantedRows<T>& next_b,
                     const Block& block) const {
    T* c = c_ + i * S.columns + j;
    constexpr Size a_row = S.transpose_left ? 1 : plan.packs_a ? packed_row : plan.a_row;
    constexpr Size a_inner = !S.transpose_left ? 1 : plan.packs_a ? Rows : plan.a_inner;
    if constexpr (!P.is_padded()) {
      constexpr bool wants_c = Accumulate && plan.is_c_far;
      constexpr bool wants_b = plan.is_b_far && !S.transpose_right;
      constexpr TileKind kind{Rows, P.vectors, P.lanes, a_row, Accumulate, wants_c || wants_b};
      TileTask<T> task{block.count, a_inner, b_inner, S.columns};
      if (wants_c && i + 2 * Rows <= S.rows) task.next_c = {c + Rows * S.columns, Rows, S.columns};
      if constexpr (wants_b) task.next_b = next_b;
      matmul_tile<kind>(c, a, b, task);
    } else {
      constexpr TileKind kind{Rows, P.vectors, P.lanes, a_row, Accumulate};
      alignas(64) T beside[static_cast<std::size_t>(Rows * P.columns())];
      for (Size r = 0; Accumulate && r < Rows; ++r) {
        std::copy_n(c + r * S.columns, P.valid, beside + r * P.columns());
        std::fill_n(beside + r * P.columns() + P.valid, P.columns() - P.valid, T{0});
      }
      matmul_tile<kind>(beside, a, b, TileTask<T>{block.count, a_inner, b_inner, P.columns()});
      for (Size r = 0; r < Rows; ++r) std::copy_n(beside + r * P.columns(), P.valid, c + r * S.columns);
    }
    if (block.is_last) epilogue_.template finish<Rows, P.valid>(c, i, j, S.columns);
  }

  template <Panel P>
  void multiply_in_blocks(Size j, double* totals) const {
    const auto for_each = [&](const auto& visit) {
      for (Size i = 0; i < S.rows; ++i) {
        for (Size n = 0; n < P.valid; ++n) visit(c_[i * S.columns + j + n], totals[i * P.valid + n]);
      }
    };
    constexpr Size length = long_inner_block(S);
    constexpr Size depth = std::min(plan.depth, length);
    for_each([](T& sum, double& total) { total = S.accumulate ? static_cast<double>(sum) : 0; });
    for (Size first = 0; first < S.inner; first += length) {
      const Size end = std::min(first + length, S.inner);
      multiply<P, false>(j, Block{first, std::min(depth, end - first), false}, Group{});
      for (Size begin = first + depth; begin < end; begin += depth)
        multiply<P, true>(j, Block{begin, std::min(depth, end - begin), false}, Group{});
      for_each([](T& sum, double& total) { total += static_cast<double>(sum); });
    }
    for_each([](T& sum, double& total) { sum = static_cast<T>(total); });
    for (Size i = 0; i < S.rows; ++i)
      epilogue_.template finish<1, P.valid>(c_ + i * S.columns + j, i, j, S.columns);
  }

  T* c_;
  const T* a_;
  const T* b_;
  const Epilogue& epilogue_;
};

/// c = a b, or c += a b, for matrices of the given shape, each tile finished by the epilogue. Scratch
/// [scratch_count(S)] is room.
template <MatmulShape S, class T, class Epilogue = NoEpilogue>
void matmul(T* c, const T* a, const T* b, [[maybe_unused]] double* scratch, const Epilogue& epilogue = {}) {
  if constexpr (S.rows > 0 && S.columns > 0) {
    const Product<S, T, Epilogue> product{c, a, b, epilogue};
    if constexpr (S.inner > longest_inner) {
      product.run_in_blocks(scratch);
    } else {
      product.run(scratch);
    }
  }
}

}  // namespace ctgrad::kernels
