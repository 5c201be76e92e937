#pragma once

#include <ctgrad/io/name_map.hpp>

#include <span>

/// Where the numbers of a parameter lie in a tensor of a file.
namespace ctgrad::io {

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
