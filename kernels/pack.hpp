#pragma once

#include <ctgrad/kernels/bf16.hpp>

#include <cstring>
#include <type_traits>

/// Operands of matrix products copied to where a tile reads them one after the other, as numbers of type T
/// however they are stored.
namespace ctgrad::kernels {

/// target [Side, Side] = source^T, rows `source_row` and `target_row` apart; all of it stays in registers.
template <Size Side, class T, class From>
CTGRAD_INLINE void transpose_square(T* __restrict target, const From* __restrict source, Size source_row,
                                    Size target_row) {
  using Row = Lanes<T, Side>;
  Row rows[static_cast<std::size_t>(Side)];
  CTGRAD_UNROLL
  for (Size i = 0; i < Side; ++i) rows[i] = load_lanes<Side>(source + i * source_row);
  CTGRAD_UNROLL
  for (Size distance = 1; distance < Side; distance *= 2) {
    Row next[static_cast<std::size_t>(Side)];
    CTGRAD_UNROLL
    for (Size i = 0; i < Side / 2; ++i) {
      next[2 * i] = Row::template interleave<false>(rows[i], rows[i + Side / 2]);
      next[2 * i + 1] = Row::template interleave<true>(rows[i], rows[i + Side / 2]);
    }
    CTGRAD_UNROLL
    for (Size i = 0; i < Side; ++i) rows[i] = next[i];
  }
  CTGRAD_UNROLL
  for (Size i = 0; i < Side; ++i) rows[i].store(target + i * target_row);
}

/// target [count, Side] = source [Side, count]^T, rows `source_row` and `target_row` apart.
template <Size Side, class T, class From>
CTGRAD_NOINLINE void transpose_strip(T* __restrict target, const From* __restrict source, Size count,
                                     Size source_row, Size target_row) {
  const Size left_over = count % Side;
  const Size whole = count - left_over;
  for (Size k = 0; k < whole; k += Side)
    transpose_square<Side>(target + k * target_row, source + k, source_row, target_row);
  target += whole * target_row;
  source += whole;
  for (Size k = 0; k < left_over; ++k, ++source, target += target_row) {
    for (Size n = 0; n < Side; ++n) target[n] = to_float(source[n * source_row]);
  }
}

/// target [columns, Rows] = source [Rows, columns]^T, rows `source_row` and `target_row` apart.
template <Size Rows, class T, class From>
void transpose_rows(T* __restrict target, const From* __restrict source, Size columns, Size source_row,
                    Size target_row) {
  constexpr Size side = lanes_of<T>;
  constexpr Size quarter = 16 / static_cast<Size>(sizeof(T));
  constexpr Size whole = Rows - Rows % side;
  constexpr Size quarters = Rows - Rows % quarter;
  for (Size r = 0; r < whole; r += side)
    transpose_strip<side>(target + r, source + r * source_row, columns, source_row, target_row);
  for (Size r = whole; r < quarters; r += quarter)
    transpose_strip<quarter>(target + r, source + r * source_row, columns, source_row, target_row);
  for (Size r = quarters; r < Rows; ++r) {
    for (Size c = 0; c < columns; ++c) target[c * target_row + r] = to_float(source[r * source_row + c]);
  }
}

/// packed [count, Columns] = the first `Valid` columns of b [count, ...], rows `stride` apart; 0 behind them.
template <Size Columns, Size Valid, class T, class From>
void pack_panel(T* __restrict packed, const From* __restrict b, Size count, Size stride) {
  for (const T* end = packed + count * Columns; packed != end; packed += Columns, b += stride) {
    if constexpr (std::is_same_v<T, From> && Valid * static_cast<Size>(sizeof(T)) <= 64) {
      // g++ turns a loop over a few numbers that are no whole vectors into one number at a time.
      std::memcpy(packed, b, static_cast<std::size_t>(Valid) * sizeof(T));
    } else {
      for (Size n = 0; n < Valid; ++n) packed[n] = to_float(b[n]);
    }
    for (Size n = Valid; n < Columns; ++n) packed[n] = 0;
  }
}

/// packed [count, Columns] = the first `Valid` rows of b [..., count], rows `stride` apart, transposed; 0
/// behind them.
template <Size Columns, Size Valid, class T, class From>
void pack_transposed_panel(T* __restrict packed, const From* __restrict b, Size count, Size stride) {
  transpose_rows<Valid>(packed, b, count, stride, Columns);
  for (const T* end = packed + count * Columns; Valid < Columns && packed != end; packed += Columns) {
    for (Size n = Valid; n < Columns; ++n) packed[n] = 0;
  }
}

}  // namespace ctgrad::kernels
