#pragma once

#include <ctgrad/kernels/matmul_plan.hpp>

/// The blocks of matrix products whose operands or result are stored as bf16.
namespace ctgrad::kernels {

/// How a product with operands or a result of bf16 is cut: a group of A's rows is packed and goes through all
/// panels of B, block by block of the inner axis. What blocks but the last give is kept beside C, and so C is
/// rounded once.
struct Bf16Plan {
  Size group = 0;         ///< tiles of a group
  Size rows = 0;          ///< its rows at most
  Size depth = 0;         ///< of a block
  bool is_long = false;   ///< blocks are chains of their own, which are added up
  bool is_split = false;  ///< there are several blocks
  Size a_row = 0;         ///< between packed rows of A, where the inner axis lies side by side
  Size a_inner = 0;       ///< between packed pairs along the inner axis, whose rows lie side by side
  Size a_room = 0;        ///< the floats of the packed group
  Size b_room = 0;        ///< of a packed panel of B
  Size sums_room = 0;     ///< the floats of what blocks give
  Size totals_room = 0;   ///< the doubles of what many blocks give
};

/// The bytes of a packed group of A, which stays in the second-level cache.
inline constexpr Size bf16_group_bytes = 1 << 19;

constexpr Bf16Plan bf16_plan(const MatmulShape& s) {
  const MatmulPlan whole = matmul_plan<float>(s);
  Bf16Plan plan;
  if (s.rows == 0 || s.columns == 0) return plan;
  plan.is_long = s.inner > longest_inner;
  plan.depth = whole.depth + whole.depth % 2;  // for pairs
  plan.is_split = s.inner > plan.depth;
  const Size most = most_rows(whole.wide.vectors);
  const Size sum_bytes = (plan.is_split ? 4 : 0) + (has_totals(s) ? 8 : 0);
  const Size fitting =
      std::min(bf16_group_bytes / (4 * plan.depth), 2 * bf16_group_bytes / (sum_bytes * s.columns + 1));
  plan.group = std::clamp(fitting / most, Size{1}, whole.heights.tiles);
  plan.rows = std::min(plan.group * most, s.rows);
  // No powers of two, whose lines would share a set of the first-level cache.
  plan.a_row = (plan.depth + 15) / 16 * 16 + 16;
  plan.a_inner = (plan.rows + 15) / 16 * 16 + 16;
  plan.a_room = std::max(plan.rows * plan.a_row, plan.depth * plan.a_inner);
  plan.b_room = plan.depth * std::max(whole.wide.columns(), whole.last.columns());
  const Size group_sums = (plan.rows * s.columns + 15) / 16 * 16;
  plan.sums_room = plan.is_split ? group_sums : 0;
  plan.totals_room = has_totals(s) ? group_sums : 0;
  return plan;
}

/// The doubles that such a product needs room for.
constexpr Size bf16_scratch_count(const MatmulShape& s) {
  const Bf16Plan plan = bf16_plan(s);
  const Size floats = plan.a_room + plan.b_room + plan.sums_room + 2 * plan.totals_room;
  return (floats + 1) / 2;
}

}  // namespace ctgrad::kernels
