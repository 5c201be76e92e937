#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/io/name_map.hpp>

#include <algorithm>
#include <span>
#include <vector>

/// Where the numbers of a parameter lie in a tensor of a file.
namespace ctgrad::io {

/// The extents of a shape in a list, as files hold them.
inline std::vector<std::size_t> extents(const Shape& shape) {
  std::vector<std::size_t> extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  return extents;
}

/// Whether neighbouring axes of `split`, joined, make those of `whole`; axes of extent 1 do not count.
inline bool joins_to(std::span<const std::size_t> split, std::span<const std::size_t> whole) {
  std::size_t axis = 0;
  for (const std::size_t extent : whole) {
    std::size_t product = 1;
    while (product < extent && axis < split.size()) product *= split[axis++];
    if (product != extent) return false;
  }
  return std::ranges::all_of(split.subspan(axis), [](std::size_t extent) { return extent == 1; });
}

/// The places of a parameter's elements, both row-major. Of two parts along axis 1 of a tensor [2, 6], part 1
/// is [2, 3] and lies at places 3, 4, 5, 9, 10, 11: runs of 3 elements, of which every one begins 6 behind
/// the one before.
class PartPlaces {
 public:
  /// Of a parameter of `size` elements, which the layout finds in a tensor of shape `whole`. The layout has
  /// been held against the shape.
  PartPlaces(const Layout& layout, std::span<const std::size_t> whole, std::size_t size) {
    if (size == 0) return;
    if (layout.transposed) rows_ = whole[1] / (layout.axis == 1 ? layout.parts : 1);
    columns_ = size / rows_;
    if (layout.parts > 1) whole = whole.subspan(layout.axis);
    for (const std::size_t extent : whole) stride_ *= extent;
    run_ = stride_ / layout.parts;
    first_ = layout.part * run_;
  }

  /// Of a transposed matrix, the parameter's rows and columns: those of a column lie side by side in the
  /// file. Of others 1 and all elements, of which those of a `run` lie side by side.
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t run() const { return run_; }

  /// Whether so many elements lie side by side in their order: they may be used where they are.
  bool are_in_order(std::size_t size) const { return rows_ == 1 && run_ >= size; }

  /// The place of element i.
  std::size_t operator()(std::size_t i) const {
    const std::size_t of_part = i % columns_ * rows_ + i / columns_;  // of [columns, rows]
    return of_part / run_ * stride_ + first_ + of_part % run_;
  }

 private:
  std::size_t rows_ = 1;     ///< of the parameter, where it is transposed; else 1
  std::size_t columns_ = 1;  ///< its other elements
  std::size_t run_ = 1;      ///< elements of the part that lie side by side
  std::size_t stride_ = 1;   ///< from one run to the next
  std::size_t first_ = 0;    ///< where the first run begins
};

}  // namespace ctgrad::io
