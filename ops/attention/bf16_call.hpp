#pragma once

#include <ctgrad/kernels/bf16.hpp>
#include <ctgrad/ops/attention/call.hpp>

/// What attention reads and writes as bf16, as floats: a head at a time, with its rows side by side.
namespace ctgrad::ops {

/// The shape of an attention whose rows lie side by side.
constexpr kernels::AttentionShape side_by_side(kernels::AttentionShape shape) {
  shape.row = shape.width;
  shape.value_row = shape.value_width;
  return shape;
}

/// Matrices of floats, one behind the other in a kernel's room.
class FloatRows {
 public:
  explicit FloatRows(double* room) : next_(reinterpret_cast<float*>(room)) {}

  /// The doubles of so many matrices as large as queries, keys, values and results.
  static constexpr Size doubles(const AttentionExtents& e, Size queries, Size keys, Size values,
                                Size results) {
    return (queries * whole_lines(e.queries * e.width) + keys * whole_lines(e.keys * e.width) +
            values * whole_lines(e.keys * e.value_width) + results * whole_lines(e.queries * e.value_width)) /
           2;
  }

  float* make(Size rows, Size width) {
    float* made = next_;
    next_ += whole_lines(rows * width);
    return made;
  }

  /// A matrix whose rows lie `row` apart.
  template <class T, class Width>
  const float* take(const T* from, Size rows, Width width, Size row) {
    float* made = make(rows, width);
    kernels::convert_rows(made, width, from, row, rows, width);
    return made;
  }

  template <class T, class Width>
  static void give(T* to, const float* from, Size rows, Width width, Size row) {
    kernels::convert_rows(to, row, from, width, rows, width);
  }

 private:
  static constexpr Size whole_lines(Size floats) { return (floats + 15) / 16 * 16; }

  float* next_;
};

}  // namespace ctgrad::ops
