#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/kernels/run.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>

/// Reductions over any axes, their bounds known to the compiler.
namespace ctgrad::kernels {

/// Axes grouped into alternately kept and reduced runs, outermost first; axes of extent 1 are dropped.
struct ReductionNest {
  int depth = 0;
  Size extents[max_rank + 1] = {};
  bool reduced[max_rank + 1] = {};
  Size operand_strides[max_rank + 1] = {};
  Size result_strides[max_rank + 1] = {};
  Size result_size = 1;
};

constexpr ReductionNest reduction_nest(const Shape& operand, const Shape& result) {
  ReductionNest nest;
  nest.result_size = result.size();
  for (int axis = 0; axis < operand.rank; ++axis) {
    if (operand[axis] == 1) continue;
    const bool reduced = result[axis] != operand[axis];
    if (nest.depth > 0 && nest.reduced[nest.depth - 1] == reduced) {
      nest.extents[nest.depth - 1] *= operand[axis];
    } else {
      nest.extents[nest.depth] = operand[axis];
      nest.reduced[nest.depth++] = reduced;
    }
  }
  Size operand_stride = 1;
  Size result_stride = 1;
  for (int i = nest.depth - 1; i >= 0; --i) {
    nest.operand_strides[i] = operand_stride;
    nest.result_strides[i] = nest.reduced[i] ? 0 : result_stride;
    operand_stride *= nest.extents[i];
    if (!nest.reduced[i]) result_stride *= nest.extents[i];
  }
  return nest;
}

/// How many numbers are combined one after the other, in their own type. What is longer is made of blocks,
/// and the results of those are combined in double: its rounding errors do not grow with its length.
inline constexpr Size block_turns = 32;

/// The elements of a block of runs.
inline constexpr Size run_block = run_lanes * block_turns;

/// Runs of up to two blocks are one.
inline constexpr Size longest_run = 2 * run_block;

/// Calls body(count, begin) for the blocks [begin, begin + count) of [0, Count), `count` a constant.
template <Size Count, class Body>
void for_each_run(const Body& body) {
  if constexpr (Count <= longest_run) {
    body(std::integral_constant<Size, Count>{}, Size{0});
  } else {
    constexpr Size last = Count % run_block;
    for (Size begin = 0; begin + run_block <= Count; begin += run_block)
      body(std::integral_constant<Size, run_block>{}, begin);
    if constexpr (last > 0) body(std::integral_constant<Size, last>{}, Count - last);
  }
}

/// combine over x[0..Count), in lanes and then over them; `combine` takes vectors as it takes numbers.
template <Size Count, class Combine, class T>
T reduce_lanes(Combine combine, T identity, const T* x) {
  Run<T> lanes = Run<T>::filled(identity);
  for_each_part<Count>(x, identity, [&](const auto& part, auto where) CTGRAD_INLINED {
    lanes.parts[where.part].combine(combine, part);
  });
  return lanes.joined(combine);
}

/// combine over x[0..Count), in a fixed order; a long run in blocks, whose results are combined in double, so
/// `combine` takes doubles, too.
template <Size Count, class Combine, class T>
T reduce_run(Combine combine, T identity, const T* x) {
  if constexpr (Count <= longest_run) {
    return reduce_lanes<Count>(combine, identity, x);
  } else {
    double total = static_cast<double>(identity);
    for_each_run<Count>([&](auto count, Size begin) {
      total = combine(total, static_cast<double>(reduce_lanes<count>(combine, identity, x + begin)));
    });
    return static_cast<T>(total);
  }
}

/// Whether a loop combines so often into the same elements that it goes by blocks.
constexpr bool is_long(Size turns) { return turns > 2 * block_turns; }

/// Combines into result [count] what run(begin, end) does for blocks [begin, end) of `turns` turns. Totals
/// [count] is room for the sums of the blocks so far. The result is not __restrict: `run` writes to it, too,
/// through a pointer of its own.
template <class Combine, class T, class Run>
void combine_blocks(Combine combine, T identity, T* result, double* __restrict totals, Size count, Size turns,
                    const Run& run) {
  for (Size i = 0; i < count; ++i) totals[i] = static_cast<double>(result[i]);
  for (Size begin = 0; begin < turns; begin += block_turns) {
    for (Size i = 0; i < count; ++i) result[i] = identity;
    run(begin, std::min(begin + block_turns, turns));
    for (Size i = 0; i < count; ++i) totals[i] = combine(totals[i], static_cast<double>(result[i]));
  }
  for (Size i = 0; i < count; ++i) result[i] = static_cast<T>(totals[i]);
}

/// Whether loop `loop` goes by blocks: a long one along a reduced axis with others within it.
constexpr bool goes_by_blocks(const ReductionNest& nest, int loop) {
  return loop + 1 < nest.depth && nest.reduced[loop] && is_long(nest.extents[loop]);
}

/// How many elements of the result the loops within loop `loop` write to; they lie side by side.
constexpr Size kept_within(const ReductionNest& nest, int loop) {
  Size kept = 1;
  for (int i = loop + 1; i < nest.depth; ++i) kept *= nest.reduced[i] ? 1 : nest.extents[i];
  return kept;
}

/// How many totals all loops that go by blocks need together.
constexpr Size total_count(const ReductionNest& nest) {
  Size count = 0;
  for (int i = 0; i < nest.depth; ++i) count += goes_by_blocks(nest, i) ? kept_within(nest, i) : 0;
  return count;
}

template <auto Nest, int Loop, class Combine, class T>
void accumulate(Combine combine, T identity, T* __restrict result, const T* x, double* totals);

/// Turns [begin, end) of a loop with others within it.
template <auto Nest, int Loop, class Combine, class T>
void accumulate_turns(Combine combine, T identity, T* __restrict result, const T* x, double* totals,
                      Size begin, Size end) {
  for (Size i = begin; i < end; ++i) {
    accumulate<Nest, Loop + 1>(combine, identity, result + i * Nest.result_strides[Loop],
                               x + i * Nest.operand_strides[Loop], totals);
  }
}

template <auto Nest, int Loop, class Combine, class T>
void accumulate(Combine combine, T identity, T* __restrict result, const T* x,
                [[maybe_unused]] double* totals) {
  constexpr Size extent = Loop < Nest.depth ? Nest.extents[Loop] : 1;
  if constexpr (Loop == Nest.depth) {
    *result = combine(*result, *x);
  } else if constexpr (Loop + 1 == Nest.depth && Nest.reduced[Loop]) {
    *result = combine(*result, reduce_run<extent>(combine, identity, x));
  } else if constexpr (Loop + 1 == Nest.depth) {
    for (Size i = 0; i < extent; ++i) result[i] = combine(result[i], x[i]);
  } else if constexpr (goes_by_blocks(Nest, Loop)) {
    constexpr Size kept = kept_within(Nest, Loop);
    combine_blocks(combine, identity, result, totals, kept, extent, [&](Size begin, Size end) {
      accumulate_turns<Nest, Loop>(combine, identity, result, x, totals + kept, begin, end);
    });
  } else {
    accumulate_turns<Nest, Loop>(combine, identity, result, x, totals, 0, extent);
  }
}

/// result[kept] = combine over the reduced axes of x, from `identity`; the identity itself where nothing is
/// reduced. Totals [total_count(Nest)] is room.
template <auto Nest, class Combine, class T>
void reduce(Combine combine, T identity, T* __restrict result, const T* x, double* totals) {
  for (Size i = 0; i < Nest.result_size; ++i) result[i] = identity;
  accumulate<Nest, 0>(combine, identity, result, x, totals);
}

}  // namespace ctgrad::kernels
