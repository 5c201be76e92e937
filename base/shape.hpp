#pragma once

#include <ctgrad/base/numbers.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

/// Shapes and kinds: what a tensor is, apart from its values.
namespace ctgrad {

using Size = std::int64_t;

/// The largest rank of a tensor. Rank 4 is what models use; the rest is room for batching transforms.
inline constexpr int max_rank = 6;

/// What the elements are: real numbers in the program's scalar type, 32-bit integers, or truth values.
enum class Kind : std::uint8_t { real, index, mask };

/// The extents of a tensor, outermost first. Also used for strides and for positions.
struct Shape {
  Size extents[max_rank] = {};
  int rank = 0;

  constexpr Size operator[](int axis) const { return extents[axis]; }
  constexpr Size& operator[](int axis) { return extents[axis]; }
  constexpr bool operator==(const Shape&) const = default;

  /// The number of elements; 1 for rank 0.
  constexpr Size size() const {
    Size product = 1;
    for (int axis = 0; axis < rank; ++axis) product *= extents[axis];
    return product;
  }

  constexpr Size last() const { return extents[rank - 1]; }

  /// The number of rows along the last axis.
  constexpr Size rows() const {
    Size product = 1;
    for (int axis = 0; axis < rank - 1; ++axis) product *= extents[axis];
    return product;
  }

  constexpr void push_back(Size extent) {
    if (rank == max_rank) throw std::length_error("a shape has at most 6 axes");
    extents[rank++] = extent;
  }
};

template <class... Extents>
constexpr Shape shape_of(Extents... extents) {
  return Shape{{static_cast<Size>(extents)...}, static_cast<int>(sizeof...(Extents))};
}

/// A tensor's type: kind and shape.
struct Type {
  Kind kind = Kind::real;
  Shape shape;

  constexpr bool operator==(const Type&) const = default;
};

/// The bytes of one element of a kind, `scalar` being those of a real number.
constexpr Size element_bytes(Kind kind, Size scalar) {
  if (kind == Kind::real) return scalar;
  return kind == Kind::index ? 4 : 1;
}

/// The bytes of a dense tensor.
constexpr Size dense_bytes(const Type& type, Size scalar) {
  return type.shape.size() * element_bytes(type.kind, scalar);
}

/// Distances in elements between neighbours along every axis of a dense row-major tensor.
constexpr Shape row_major_strides(const Shape& shape) {
  Shape strides{{}, shape.rank};
  Size stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    strides.extents[axis] = stride;
    stride *= shape.extents[axis];
  }
  return strides;
}

/// Says whether these strides are those of a dense tensor of that shape. Axes of extent 1 may have any.
constexpr bool is_row_major(const Shape& shape, const Shape& strides) {
  Size stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    if (shape.extents[axis] != 1 && strides.extents[axis] != stride) return false;
    stride *= shape.extents[axis];
  }
  return true;
}

/// Where element number i of a dense row-major array of that shape is, axis by axis.
constexpr Shape position_of(Size i, const Shape& shape) {
  const Shape strides = row_major_strides(shape);
  Shape position{{}, shape.rank};
  for (int axis = 0; axis < shape.rank; ++axis) position[axis] = i / strides[axis] % shape[axis];
  return position;
}

/// Counts an axis from the end when it is negative, as NumPy does. The result may be out of range.
constexpr int normal_axis(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

/// NumPy's rule: shapes align at the last axis; extents agree when they are equal or one of them is 1.
constexpr bool broadcastable(const Shape& left, const Shape& right) {
  for (int i = 1; i <= left.rank && i <= right.rank; ++i) {
    const Size a = left[left.rank - i];
    const Size b = right[right.rank - i];
    if (a != b && a != 1 && b != 1) return false;
  }
  return true;
}

/// The common shape of two broadcastable shapes.
constexpr Shape broadcast_shape(const Shape& left, const Shape& right) {
  Shape result = left.rank >= right.rank ? left : right;
  const Shape& shorter = left.rank >= right.rank ? right : left;
  for (int i = 1; i <= shorter.rank; ++i) {
    Size& extent = result[result.rank - i];
    if (extent == 1) extent = shorter[shorter.rank - i];
  }
  return result;
}

constexpr std::string to_string(Size number) {
  std::string digits;
  Size rest = number;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + (rest < 0 ? -(rest % 10) : rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return number < 0 ? "-" + digits : digits;
}

/// "[2, 3]", for messages and tables.
constexpr std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (axis > 0) text += ", ";
    text += to_string(shape[axis]);
  }
  return text + "]";
}

constexpr const char* to_string(Kind kind) {
  if (kind == Kind::real) return "real";
  return kind == Kind::index ? "index" : "mask";
}

/// "real [2, 3]"
constexpr std::string to_string(const Type& type) {
  return std::string(to_string(type.kind)) + " " + to_string(type.shape);
}

}  // namespace ctgrad
