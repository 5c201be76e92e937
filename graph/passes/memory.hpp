#pragma once

#include <ctgrad/graph/shape.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
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

/// The gaps between buffers that live now, by offset; behind the last one memory is endless.
class FreeList {
 public:
  constexpr explicit FreeList(Size base) : end_(base) {}

  /// The smallest gap that is large enough, or else the end.
  constexpr Size take(Size bytes) {
    Gap* gaps = gaps_.data();
    std::ptrdiff_t best = -1;
    const std::ptrdiff_t count = std::ssize(gaps_);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      if (gaps[i].bytes >= bytes && (best < 0 || gaps[i].bytes < gaps[best].bytes)) best = i;
    }
    if (best < 0 && !gaps_.empty() && gaps_.back().offset + gaps_.back().bytes == end_) {
      end_ = gaps_.back().offset;  // the last gap lies at the end and grows
      gaps_.pop_back();
    }
    if (best < 0) {
      end_ += bytes;
      return end_ - bytes;
    }
    const Size offset = gaps[best].offset;
    gaps[best] = {offset + bytes, gaps[best].bytes - bytes};
    if (gaps[best].bytes == 0) gaps_.erase(gaps_.begin() + best);
    return offset;
  }

  /// Gives memory back; it joins the gaps beside it.
  constexpr void give(Size offset, Size bytes) {
    Gap* gaps = gaps_.data();
    const std::ptrdiff_t count = std::ssize(gaps_);
    std::ptrdiff_t at = count;
    while (at > 0 && gaps[at - 1].offset > offset) --at;
    const bool joins_next = at < count && offset + bytes == gaps[at].offset;
    if (joins_next) bytes += gaps[at].bytes;
    if (at > 0 && gaps[at - 1].offset + gaps[at - 1].bytes == offset) {
      gaps[at - 1].bytes += bytes;
      if (joins_next) gaps_.erase(gaps_.begin() + at);
    } else if (joins_next) {
      gaps[at] = {offset, bytes};
    } else {
      gaps_.insert(gaps_.begin() + at, {offset, bytes});
    }
  }

  constexpr Size end() const { return end_; }

 private:
  struct Gap {
    Size offset = 0;
    Size bytes = 0;
  };
  std::vector<Gap> gaps_;
  Size end_;
};

/// Gives buffers their offsets from `base` on so that none that live at the same time overlap, each in the
/// smallest gap that holds it when its life begins. Near linear in their number. Returns the end. buffers of
/// 4, 2, 2 with lives [0,1], [0,2], [2,3]  ->  offsets 0, 4, 0
constexpr Size place(std::vector<Buffer>& buffers, Size base) {
  std::int32_t steps = 0;
  for (Buffer& buffer : buffers) {
    buffer.bytes = aligned(buffer.bytes);
    steps = std::max(steps, buffer.last + 1);
  }
  // The buffers that begin or end at a step, as chains through them.
  const auto count = static_cast<std::int32_t>(buffers.size());
  std::vector<std::int32_t> begins(static_cast<std::size_t>(steps), -1);
  std::vector<std::int32_t> ends(static_cast<std::size_t>(steps), -1);
  std::vector<std::int32_t> next_begin(buffers.size(), -1);
  std::vector<std::int32_t> next_end(buffers.size(), -1);
  Buffer* all = buffers.data();
  for (std::int32_t i = count - 1; i >= 0; --i) {
    next_begin.data()[i] = std::exchange(begins.data()[all[i].first], i);
    next_end.data()[i] = std::exchange(ends.data()[all[i].last], i);
  }
  FreeList free(base);
  Size end = base;
  for (std::int32_t step = 0; step < steps; ++step) {
    for (std::int32_t i = begins.data()[step]; i >= 0; i = next_begin.data()[i])
      all[i].offset = free.take(all[i].bytes);
    end = std::max(end, free.end());
    for (std::int32_t i = ends.data()[step]; i >= 0; i = next_end.data()[i])
      free.give(all[i].offset, all[i].bytes);
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
    change[static_cast<std::size_t>(buffer.last) + 1] -= aligned(buffer.bytes);
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
