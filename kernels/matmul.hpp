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

  void run() const {
    for (Size begin = 0; begin < S.inner || begin == 0; begin += plan.depth) {
      const Block block{begin, std::min(plan.depth, S.inner - begin), begin + plan.depth >= S.inner};
      for_each_panel([&](auto panel, Size j) {
        constexpr Panel P = panel.value;
        if (S.accumulate || begin > 0) {
          multiply<P, (S.accumulate || S.inner > plan.depth)>(j, block);
        } else {
          multiply<P, S.accumulate>(j, block);
        }
      });
    }
  }

  /// The same for a long inner axis, by blocks whose sums are added up in totals [total_count(S)].
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
  void multiply(Size j, const Block& block) const {
    const T* b =
        S.transpose_right ? b_ + j * plan.b_stride + block.begin : b_ + block.begin * plan.b_stride + j;
    if constexpr (plan.packs || P.is_padded()) {
      alignas(64) T packed[static_cast<std::size_t>(plan.depth * P.columns())];
      if constexpr (S.transpose_right) {
        pack_transposed_panel<P.columns(), P.valid>(packed, b, block.count, plan.b_stride);
      } else {
        pack_panel<P.columns(), P.valid>(packed, b, block.count, plan.b_stride);
      }
      multiply_tiles<P, Accumulate>(j, packed, P.columns(), b, block);
    } else {
      multiply_tiles<P, Accumulate>(j, b, plan.b_stride, b, block);
    }
  }

  /// All tiles of a panel, from the top down; b: the panel of B, rows b_inner apart; stored: where it came
  /// from.
  template <Panel P, bool Accumulate>
  void multiply_tiles(Size j, const T* b, Size b_inner, const T* stored, const Block& block) const {
    constexpr bool wants_b = plan.is_b_far && !S.transpose_right;
    const Size share = (block.count + plan.heights.tiles - 1) / plan.heights.tiles;
    WantedRows<T> next_b{stored + P.valid, share, plan.b_stride};
    if (!wants_b || j + 2 * P.valid > S.columns) next_b.rows = 0;
    Size i = 0;
    const auto tile = [&](auto rows) {
      multiply_tile<P, rows, Accumulate>(i, j, b, b_inner, next_b, block);
      if constexpr (wants_b) next_b.first += next_b.rows * plan.b_stride;
      i += rows;
    };
    if constexpr (plan.heights.high > 0) {
      for (Size t = 0; t < plan.heights.high; ++t) tile(std::integral_constant<Size, plan.heights.low + 1>{});
    }
    for (Size t = plan.heights.high; t < plan.heights.tiles; ++t)
      tile(std::integral_constant<Size, plan.heights.low>{});
  }

  /// The tile at (i, j). What is left over of columns is computed beside C, with zeros behind it.
  template <Panel P, Size Rows, bool Accumulate>
  void multiply_tile(Size i, Size j, const T* b, Size b_inner, const WantedRows<T>& next_b,
                     const Block& block) const {
    T* c = c_ + i * S.columns + j;
    const T* a = a_ + i * plan.a_row + block.begin * plan.a_inner;
    if constexpr (!P.is_padded()) {
      constexpr bool wants_c = Accumulate && plan.is_c_far;
      constexpr bool wants_b = plan.is_b_far && !S.transpose_right;
      constexpr TileKind kind{Rows, P.vectors, P.lanes, plan.a_row, Accumulate, wants_c || wants_b};
      TileTask<T> task{block.count, plan.a_inner, b_inner, S.columns};
      if (wants_c && i + 2 * Rows <= S.rows) task.next_c = {c + Rows * S.columns, Rows, S.columns};
      if constexpr (wants_b) task.next_b = next_b;
      matmul_tile<kind>(c, a, b, task);
    } else {
      constexpr TileKind kind{Rows, P.vectors, P.lanes, plan.a_row, Accumulate};
      alignas(64) T beside[static_cast<std::size_t>(Rows * P.columns())];
      for (Size r = 0; Accumulate && r < Rows; ++r) {
        std::copy_n(c + r * S.columns, P.valid, beside + r * P.columns());
        std::fill_n(beside + r * P.columns() + P.valid, P.columns() - P.valid, T{0});
      }
      matmul_tile<kind>(beside, a, b, TileTask<T>{block.count, plan.a_inner, b_inner, P.columns()});
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
      multiply<P, false>(j, Block{first, std::min(depth, end - first), false});
      for (Size begin = first + depth; begin < end; begin += depth)
        multiply<P, true>(j, Block{begin, std::min(depth, end - begin), false});
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

/// c = a b, or c += a b, for matrices of the given shape, each tile finished by the epilogue. Totals
/// [total_count(S)] is room.
template <MatmulShape S, class T, class Epilogue = NoEpilogue>
void matmul(T* c, const T* a, const T* b, [[maybe_unused]] double* totals, const Epilogue& epilogue = {}) {
  if constexpr (S.rows > 0 && S.columns > 0) {
    const Product<S, T, Epilogue> product{c, a, b, epilogue};
    if constexpr (S.inner > longest_inner) {
      product.run_in_blocks(totals);
    } else {
      product.run();
    }
  }
}

}  // namespace ctgrad::kernels
