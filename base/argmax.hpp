#pragma once

#include <cstddef>
#include <cstdint>

namespace ctgrad {

/// The position of the largest element; the first of equal ones, 0 where the first is NaN. There is one at
/// least.
template <class Scalar>
std::int32_t argmax(const Scalar* row, std::size_t classes) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < classes; ++i) {
    if (row[i] > row[best]) best = i;
  }
  return static_cast<std::int32_t>(best);
}

}  // namespace ctgrad
