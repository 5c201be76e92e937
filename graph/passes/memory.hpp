#pragma once

#include <ctgrad/graph/passes/free_list.hpp>

#include <algorithm>
#include <utility>

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

/// The bytes that live at every step.
constexpr std::vector<Size> live_bytes(const std::vector<Buffer>& buffers) {
  std::int32_t steps = 0;
  for (const Buffer& buffer : buffers) steps = std::max(steps, buffer.last + 2);
  std::vector<Size> live(static_cast<std::size_t>(steps), 0);
  for (const Buffer& buffer : buffers) {
    live.data()[buffer.first] += aligned(buffer.bytes);
    live.data()[buffer.last + 1] -= aligned(buffer.bytes);
  }
  for (std::int32_t i = 1; i < steps; ++i) live.data()[i] += live.data()[i - 1];
  return live;
}

/// The least that any placement needs: the largest sum of buffers that live at the same step.
constexpr Size lower_bound(const std::vector<Buffer>& buffers) {
  Size most = 0;
  for (const Size bytes : live_bytes(buffers)) most = std::max(most, bytes);
  return most;
}

/// The buffers that begin or end at each step, as chains through them.
class Timeline {
 public:
  constexpr explicit Timeline(const std::vector<Buffer>& buffers)
      : next_begin_(buffers.size(), -1), next_end_(buffers.size(), -1) {
    std::int32_t steps = 0;
    for (const Buffer& buffer : buffers) steps = std::max(steps, buffer.last + 1);
    begins_.assign(static_cast<std::size_t>(steps), -1);
    ends_.assign(static_cast<std::size_t>(steps), -1);
    for (auto i = static_cast<std::int32_t>(buffers.size()) - 1; i >= 0; --i) {
      const Buffer& buffer = buffers.data()[i];
      next_begin_.data()[i] = std::exchange(begins_.data()[buffer.first], i);
      next_end_.data()[i] = std::exchange(ends_.data()[buffer.last], i);
    }
  }

  /// Calls begin(buffer) and end(buffer) in the order of time; what ends at a step does so behind what
  /// begins.
  template <class Begin, class End>
  constexpr void walk(const Begin& begin, const End& end) const {
    for (std::size_t step = 0; step < begins_.size(); ++step) {
      for (std::int32_t i = begins_[step]; i >= 0; i = next_begin_.data()[i]) begin(i);
      for (std::int32_t i = ends_[step]; i >= 0; i = next_end_.data()[i]) end(i);
    }
  }

 private:
  std::vector<std::int32_t> begins_;
  std::vector<std::int32_t> ends_;
  std::vector<std::int32_t> next_begin_;
  std::vector<std::int32_t> next_end_;
};

/// Each buffer in the smallest gap that holds it when its life begins. Returns the end.
/// Buffers of 4, 2, 2 with lives [0,1], [0,2], [2,3]  ->  offsets 0, 4, 0
constexpr Size place_in_gaps(std::vector<Buffer>& buffers, const Timeline& timeline) {
  FreeList free(0);
  Size end = 0;
  Buffer* all = buffers.data();
  timeline.walk(
      [&](std::int32_t i) {
        all[i].offset = free.take(all[i].bytes);
        end = std::max(end, free.end());
      },
      [&](std::int32_t i) { free.give(all[i].offset, all[i].bytes); });
  return end;
}

/// What lives at the step where most does is stacked from 0 on in the order of its begin: training keeps
/// values for its backward half and drops them in the opposite order. All else lies in gaps that are counted
/// from the top of the whole stack downwards, or above it where the two would meet. Returns the end.
class StackPlacement {
 public:
  constexpr StackPlacement(std::vector<Buffer>& buffers, const std::vector<Size>& live)
      : buffers_(buffers.data()), height_(live.size(), 0), above_(buffers.size(), 0) {
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (live.data()[i] > live.data()[peak_]) peak_ = static_cast<std::int32_t>(i);
    }
    bound_ = live.empty() ? 0 : live.data()[peak_];
  }

  constexpr Size run(const Timeline& timeline) {
    timeline.walk([&](std::int32_t i) { push(i); }, [](std::int32_t) {});
    FreeList below(0);
    FreeList above(0);
    timeline.walk([&](std::int32_t i) { take(i, below, above); },
                  [&](std::int32_t i) { give(i, below, above); });
    return bound_ + above.end();
  }

 private:
  constexpr bool stacked(const Buffer& buffer) const { return buffer.first <= peak_ && peak_ <= buffer.last; }

  constexpr void push(std::int32_t i) {
    Buffer& buffer = buffers_[i];
    if (!stacked(buffer)) return;
    buffer.offset = top_;
    top_ += buffer.bytes;
    for (std::int32_t step = buffer.first; step <= peak_; ++step) height_.data()[step] = top_;
    for (std::int32_t step = peak_; step <= buffer.last; ++step)
      height_.data()[step] = std::max(height_.data()[step], top_);
  }

  constexpr void take(std::int32_t i, FreeList& below, FreeList& above) {
    Buffer& buffer = buffers_[i];
    if (stacked(buffer)) return;
    const Size room = bound_ - height_.data()[buffer.last < peak_ ? buffer.last : buffer.first];
    const Size depth = below.take(buffer.bytes);
    if (depth + buffer.bytes <= room) {
      buffer.offset = bound_ - depth - buffer.bytes;
      return;
    }
    below.give(depth, buffer.bytes);
    above_.data()[i] = 1;
    buffer.offset = bound_ + above.take(buffer.bytes);
  }

  constexpr void give(std::int32_t i, FreeList& below, FreeList& above) const {
    const Buffer& buffer = buffers_[i];
    if (stacked(buffer)) return;
    if (above_.data()[i] != 0) {
      above.give(buffer.offset - bound_, buffer.bytes);
    } else {
      below.give(bound_ - buffer.offset - buffer.bytes, buffer.bytes);
    }
  }

  Buffer* buffers_;
  std::vector<Size> height_;  ///< of what is stacked and lives, at every step
  std::vector<char> above_;   ///< of every buffer, whether it lies above the stack
  std::int32_t peak_ = 0;
  Size bound_ = 0;
  Size top_ = 0;
};

/// Gives buffers their offsets from `base` on so that none that live at the same time overlap, in the better
/// of two ways. Returns the end.
constexpr Size place(std::vector<Buffer>& buffers, Size base) {
  for (Buffer& buffer : buffers) buffer.bytes = aligned(buffer.bytes);
  const Timeline timeline(buffers);
  const std::vector<Size> live = live_bytes(buffers);
  std::vector<Buffer> stacked = buffers;
  const Size stack = StackPlacement(stacked, live).run(timeline);
  Size end = place_in_gaps(buffers, timeline);
  if (stack < end) {
    buffers = std::move(stacked);
    end = stack;
  }
  for (Buffer& buffer : buffers) buffer.offset += base;
  return base + end;
}

}  // namespace ctgrad::passes
