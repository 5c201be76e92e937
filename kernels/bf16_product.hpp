#pragma once

#include <ctgrad/kernels/bf16_dots.hpp>
#include <ctgrad/kernels/bf16_plan.hpp>
#include <ctgrad/kernels/matmul.hpp>

/// Matrix products whose operands or result are stored as bf16. Operands become floats while they are packed,
/// the result is rounded when it is complete: so it is the rounded product of those floats, bit for bit.
/// Builds that ask for it multiply pairs of bf16 instead (bf16_dots.hpp).
namespace ctgrad::kernels {

/// to [count, Rows] = x [count, Rows] as floats, rows of x `Stride` apart: by whole vectors, what these store
/// behind a row being stored over by the next one.
template <Size Rows, Size Stride, class T>
CTGRAD_NOINLINE void pack_strip(float* to, const T* x, Size count) {
  constexpr Size lanes = lanes_of<float>;
  constexpr Size wide = (Rows + lanes - 1) / lanes * lanes;
  constexpr std::integral_constant<Size, Rows> row;
  constexpr std::integral_constant<Size, (Stride >= wide ? wide : Rows)> row_and_more;
  for (Size left = count; left > 1; --left, to += Rows, x += Stride) convert(to, x, row_and_more);
  if (count > 0) convert(to, x, row);
}

/// A product of one shape; C, A and B are the types of what is stored. Dots: by pairs of bf16.
template <MatmulShape S, bool Dots, class C, class A, class B, class Epilogue>
class Bf16Product {
 public:
  Bf16Product(C* c, const A* a, const B* b, double* room, const Epilogue& epilogue)
      : c_(c), a_(a), b_(b), totals_(room), epilogue_(epilogue) {
    sums_ = reinterpret_cast<float*>(totals_ + plan.totals_room);
    packed_a_ = reinterpret_cast<float*>(sums_ + plan.sums_room);
    packed_b_ = packed_a_ + plan.a_room;
  }

  void run() const {
    for (Size tile = 0; tile < whole.heights.tiles; tile += plan.group) {
      const Group group{tile, std::min(tile + plan.group, whole.heights.tiles)};
      for (Size begin = 0; begin < S.inner || begin == 0; begin += plan.depth) {
        const Block block{begin, std::min(plan.depth, S.inner - begin)};
        if constexpr (packs_a) pack_group(group, block);
        for_each_panel([&](auto panel, Size j) { multiply<panel.value>(j, block, group); });
      }
    }
  }

 private:
  static constexpr MatmulPlan whole = matmul_plan<float>(S);
  static constexpr Bf16Plan plan = bf16_plan(S);
  static constexpr bool dots = Dots && !(std::is_same_v<A, float> && std::is_same_v<B, float>);
  static constexpr bool packs_a = dots || whole.packs_a || !std::is_same_v<A, float>;
  static constexpr bool packs_b = dots || whole.packs || !std::is_same_v<B, float>;

  struct Group {
    Size first;
    Size end;
  };
  struct Block {
    Size begin;
    Size count;

    bool is_first() const { return begin == 0; }
    /// Whether the blocks that are added up in float begin anew.
    bool begins_sum() const { return begin / plan.depth % blocks_to_add == 0; }
    bool ends_sum() const { return (begin / plan.depth + 1) % blocks_to_add == 0 || is_last(); }
    bool is_last() const { return begin + plan.depth >= S.inner; }
  };

  template <Panel P>
  struct Constant {
    static constexpr Panel value = P;
  };

  static constexpr Size row_of(Size tile) {
    return tile * whole.heights.low + std::min(tile, whole.heights.high);
  }

  /// Calls body(rows, tile) for each tile of a group, `rows` a constant.
  template <class Body>
  static void for_each_tile(const Group& group, const Body& body) {
    Size t = group.first;
    if constexpr (whole.heights.high > 0) {
      for (; t < std::min(group.end, whole.heights.high); ++t)
        body(std::integral_constant<Size, whole.heights.low + 1>{}, t);
    }
    for (; t < group.end; ++t) body(std::integral_constant<Size, whole.heights.low>{}, t);
  }

  /// The group's rows of A as floats, tile by tile [inner, rows of the tile] where the stored matrix is
  /// transposed, else [rows, inner]; or as pairs, [inner / 2, rows].
  void pack_group(const Group& group, const Block& block) const {
    const Size first = row_of(group.first);
    const Size rows = row_of(group.end) - first;
    const A* from = a_ + first * whole.a_row + block.begin * whole.a_inner;
    if constexpr (dots) {
      pack_pairs<S.transpose_left>(pairs_a(), plan.a_inner, from,
                                   S.transpose_left ? whole.a_inner : whole.a_row, block.count, rows);
    } else if constexpr (S.transpose_left) {
      for_each_tile(group, [&](auto height, Size tile) {
        const Size above = row_of(tile) - first;
        pack_strip<height, whole.a_inner>(packed_a_ + above * plan.depth, from + above, block.count);
      });
    } else if constexpr (!plan.is_split) {
      constexpr std::integral_constant<Size, S.inner> all_of_row;
      convert_rows(packed_a_, plan.a_row, from, whole.a_row, rows, all_of_row);
    } else {
      convert_rows(packed_a_, plan.a_row, from, whole.a_row, rows, block.count);
    }
  }

  template <class Visit>
  static void for_each_panel(const Visit& visit) {
    constexpr Size wide = whole.wide.valid;
    for (Size j = 0; j + wide <= S.columns; j += wide) visit(Constant<whole.wide>{}, j);
    if constexpr (whole.last.valid > 0) visit(Constant<whole.last>{}, S.columns - whole.last.valid);
  }

  /// The panel of C that begins at column j, for one block and one group.
  template <Panel P>
  void multiply(Size j, const Block& block, const Group& group) const {
    const B* b =
        S.transpose_right ? b_ + j * whole.b_stride + block.begin : b_ + block.begin * whole.b_stride + j;
    if constexpr (dots) {
      if constexpr (P.is_padded()) std::fill_n(pairs_b(), (block.count + 1) / 2 * P.columns(), Bf16Pair{0});
      pack_pairs<!S.transpose_right>(pairs_b(), P.columns(), b, whole.b_stride, block.count, P.valid);
      multiply_tiles<P>(j, packed_b_, P.columns(), block, group);
    } else if constexpr (packs_b || P.is_padded()) {
      if constexpr (S.transpose_right) {
        pack_transposed_panel<P.columns(), P.valid>(packed_b_, b, block.count, whole.b_stride);
      } else {
        pack_panel<P.columns(), P.valid>(packed_b_, b, block.count, whole.b_stride);
      }
      multiply_tiles<P>(j, packed_b_, P.columns(), block, group);
    } else {
      multiply_tiles<P>(j, b, whole.b_stride, block, group);
    }
  }

  template <Panel P>
  void multiply_tiles(Size j, const float* b, Size b_inner, const Block& block, const Group& group) const {
    for_each_tile(group, [&](auto rows, Size tile) {
      multiply_tile<P, rows>(row_of(tile), row_of(group.first), j, b, b_inner, block);
    });
  }

  /// The tile at (i, j), beside C until it is complete.
  template <Panel P, Size Rows>
  void multiply_tile(Size i, Size first, Size j, const float* b, Size b_inner, const Block& block) const {
    constexpr Size columns = P.columns();
    alignas(64) float tile[static_cast<std::size_t>(Rows * columns)];
    const Size position = (i - first) * S.columns + j;
    const C* c = c_ + i * S.columns + j;
    if (begins_with_sums(block)) {
      take<P, Rows>(tile, sums_ + position, c, block);
      compute<P, Rows, true>(tile, i, first, b, b_inner, block);
    } else {
      compute<P, Rows, false>(tile, i, first, b, b_inner, block);
    }
    if constexpr (plan.is_long) {
      if (!block.begins_sum()) add<P, Rows>(tile, sums_ + position);
    }
    if constexpr (plan.totals_room > 0) {
      if (block.ends_sum()) move_to_totals<P, Rows>(tile, totals_ + position, c, block);
    }
    if (!block.is_last()) {
      for (Size r = 0; r < Rows; ++r)
        std::copy_n(tile + r * columns, P.valid, sums_ + position + r * S.columns);
      return;
    }
    epilogue_.template finish<Rows, P.valid>(tile, i, j, columns);
    constexpr std::integral_constant<Size, P.valid> valid;
    convert_rows(c_ + i * S.columns + j, S.columns, tile, columns, Rows, valid);
  }

  /// tile [Rows, P.columns()] (+)= rows [i, i + Rows) of A times the panel of B, for one block.
  template <Panel P, Size Rows, bool Accumulate>
  void compute(float* tile, Size i, Size first, const float* b, Size b_inner, const Block& block) const {
    if constexpr (dots) {
      dots_tile<Rows, P.vectors, P.lanes, Accumulate>(tile, pairs_a() + i - first, plan.a_inner, pairs_b(),
                                                      (block.count + 1) / 2);
    } else {
      constexpr Size a_row = S.transpose_left ? 1 : packs_a ? plan.a_row : whole.a_row;
      constexpr Size a_inner = packs_a ? Rows : whole.a_inner;
      constexpr TileKind kind{Rows, P.vectors, P.lanes, a_row, Accumulate};
      const float* a = nullptr;
      if constexpr (packs_a) {
        a = packed_a_ + (i - first) * (S.transpose_left ? plan.depth : a_row);
      } else {
        a = a_ + i * a_row + block.begin * a_inner;
      }
      matmul_tile<kind>(tile, a, b, TileTask<float>{block.count, a_inner, b_inner, P.columns()});
    }
  }

  Bf16Pair* pairs_a() const { return reinterpret_cast<Bf16Pair*>(packed_a_); }
  Bf16Pair* pairs_b() const { return reinterpret_cast<Bf16Pair*>(packed_b_); }

  /// Says whether the chains of a block begin with what is there already: earlier blocks' sums, or C.
  static bool begins_with_sums(const Block& block) {
    return block.is_first() ? S.accumulate && plan.totals_room == 0 : !plan.is_long;
  }

  template <Panel P, Size Rows>
  static void take(float* tile, const float* sums, const C* c, const Block& block) {
    for (Size r = 0; r < Rows; ++r) {
      float* row = tile + r * P.columns();
      if (block.is_first()) {
        for (Size n = 0; n < P.valid; ++n) row[n] = to_float(c[r * S.columns + n]);
      } else {
        for (Size n = 0; n < P.valid; ++n) row[n] = sums[r * S.columns + n];
      }
      std::fill_n(row + P.valid, P.columns() - P.valid, 0.0F);
    }
  }

  /// Adds what earlier blocks gave.
  template <Panel P, Size Rows>
  static void add(float* tile, const float* sums) {
    for (Size r = 0; r < Rows; ++r) {
      for (Size n = 0; n < P.valid; ++n) tile[r * P.columns() + n] += sums[r * S.columns + n];
    }
  }

  /// Adds the sums of some blocks to the totals, which the tile gets behind the last block.
  template <Panel P, Size Rows>
  static void move_to_totals(float* tile, double* totals, const C* c, const Block& block) {
    const bool is_first = block.begin < plan.depth * blocks_to_add;
    for (Size r = 0; r < Rows; ++r) {
      for (Size n = 0; n < P.valid; ++n) {
        double& total = totals[r * S.columns + n];
        float& sum = tile[r * P.columns() + n];
        if (is_first) total = S.accumulate ? static_cast<double>(to_float(c[r * S.columns + n])) : 0;
        total += static_cast<double>(sum);
        if (block.is_last()) sum = static_cast<float>(total);
      }
    }
  }

  C* c_;
  const A* a_;
  const B* b_;
  double* totals_;  ///< room [rows of a group, columns]
  float* sums_;     ///< room [rows of a group, columns]
  float* packed_a_;
  float* packed_b_;
  const Epilogue& epilogue_;
};

/// c = a b, or c += a b, for matrices of the given shape, any of them stored as bf16, each tile finished by
/// the epilogue. Scratch [bf16_scratch_count(S)] is room.
template <MatmulShape S, bool Dots = uses_bf16_dots, class C, class A, class B, class Epilogue = NoEpilogue>
// NOLINTNEXTLINE(readability-non-const-parameter): only a product of nothing does not write to the room
void bf16_matmul(C* c, const A* a, const B* b, double* scratch, const Epilogue& epilogue = {}) {
  static_assert(S.result_stride == 0 && S.chain == 0, "bf16_matmul: C lies in one piece, and is one chain");
  if constexpr (S.rows > 0 && S.columns > 0)
    Bf16Product<S, Dots, C, A, B, Epilogue>(c, a, b, scratch, epilogue).run();
}

}  // namespace ctgrad::kernels
