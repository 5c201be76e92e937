#pragma once

#include <ctgrad/kernels/bf16.hpp>

/// Rows added to a table at ids.
namespace ctgrad::kernels {

/// Whether the table is summed up in double: where ids are so many that one of them may come thousands of
/// times, and so many beside the table's rows that this takes no more memory than the rows that are added.
constexpr bool scatters_in_double(Size ids, Size table_rows) { return ids > 4096 && 2 * table_rows <= ids; }

/// table [size] = 0, then row i of rows [Count, Width] is added at ids[i], one after the other.
template <Size Count, Size Width, class Total, class T>
void scatter_add(Total* __restrict table, Size size, const T* rows, const std::int32_t* ids) {
  for (Size i = 0; i < size; ++i) table[i] = 0;
  for (Size i = 0; i < Count; ++i) {
    Total* row = table + ids[i] * Width;
    for (Size j = 0; j < Width; ++j) row[j] += static_cast<Total>(to_float(rows[i * Width + j]));
  }
}

}  // namespace ctgrad::kernels
