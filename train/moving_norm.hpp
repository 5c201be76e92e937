#pragma once

#include <ctgrad/train/clip.hpp>
#include <ctgrad/train/groups.hpp>
#include <ctgrad/train/update_slices.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

/// The norm of what an update moves.
namespace ctgrad {

/// block_of_squares of a block that begins there, frozen numbers as 0.
template <std::floating_point Scalar>
double moving_squares(const std::vector<UpdateRange>& ranges, std::span<const Scalar> block, std::size_t at,
                      double scale) {
  std::array<Scalar, squares_block> moving{};
  for_each_moving(ranges, [&](std::size_t begin, const UpdateRange& range) {
    const std::size_t from = std::max(begin, at), to = std::min(range.end, at + block.size());
    for (std::size_t i = from; i < to; ++i) moving[i - at] = block[i - at];
  });
  return block_of_squares(std::span<const Scalar>(moving), scale);
}

/// Called by all ranks: the norm of the gradients of all parameters that are not frozen.
template <std::floating_point Scalar>
double norm_of_moving(UpdateSlices<Scalar>& slices, const std::vector<UpdateRange>& ranges,
                      std::span<const Scalar> gradients) {
  const bool all = std::ranges::none_of(ranges, &UpdateRange::frozen);
  return norm_by([&](double scale) {
    return slices.sum_of_blocks([&](std::size_t begin, std::size_t end) {
      const std::span<const Scalar> block = gradients.subspan(begin, end - begin);
      return all ? block_of_squares(block, scale) : moving_squares(ranges, block, begin, scale);
    });
  });
}

}  // namespace ctgrad
