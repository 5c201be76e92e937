#pragma once

#include <ctgrad/graph/shape.hpp>

#include <algorithm>
#include <vector>

/// Where buffers lie in the arena.
namespace ctgrad::passes {

/// Buffers begin at multiples of this many bytes: a cache line and the widest vector.
inline constexpr Size alignment = 64;

constexpr Size aligned(Size bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// A buffer that is written at step `first` and last read at step `last`.
struct Buffer {
  Size bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  Size offset = 0;  ///< found by `place`
};

/// Gives buffers their offsets from `base` on so that none that live at the same time overlap: the largest
/// first, each at the lowest place that is free during its life. Returns the end. buffers of 4, 2, 2 with
/// lives [0,1], [0,2], [2,3]  ->  offsets 0, 4, 0
constexpr Size place(std::vector<Buffer>& buffers, Size base) {
  std::vector<std::int32_t> order(buffers.size(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const Size left = buffers[static_cast<std::size_t>(a)].bytes;
    const Size right = buffers[static_cast<std::size_t>(b)].bytes;
    return left != right ? left > right : a < b;
  });
  Size end = base;
  std::vector<Buffer> placed;  // by offset
  placed.reserve(buffers.size());
  for (const std::int32_t id : order) {
    Buffer& buffer = buffers[static_cast<std::size_t>(id)];
    buffer.bytes = aligned(buffer.bytes);
    buffer.offset = base;
    std::size_t slot = 0;
    for (std::size_t i = 0; i < placed.size(); ++i) {
      const Buffer& other = placed[i];
      if (other.last < buffer.first || buffer.last < other.first) continue;
      if (buffer.offset + buffer.bytes <= other.offset) break;
      buffer.offset = std::max(buffer.offset, other.offset + other.bytes);
    }
    while (slot < placed.size() && placed[slot].offset < buffer.offset) ++slot;
    placed.insert(placed.begin() + static_cast<std::ptrdiff_t>(slot), buffer);
    end = std::max(end, buffer.offset + buffer.bytes);
  }
  return end;
}

/// The least that any placement needs: the largest sum of buffers that live at the same step.
constexpr Size lower_bound(const std::vector<Buffer>& buffers) {
  std::int32_t steps = 0;
  for (const Buffer& buffer : buffers) steps = std::max(steps, buffer.last + 2);
  std::vector<Size> change(static_cast<std::size_t>(steps), 0);
  for (const Buffer& buffer : buffers) {
    change[static_cast<std::size_t>(buffer.first)] += aligned(buffer.bytes);
    change[static_cast<std::size_t>(buffer.last + 1)] -= aligned(buffer.bytes);
  }
  Size live = 0;
  Size most = 0;
  for (const Size bytes : change) {
    live += bytes;
    most = std::max(most, live);
  }
  return most;
}

}  // namespace ctgrad::passes
