#pragma once

#include <ctgrad/graph/list.hpp>
#include <ctgrad/graph/passes/free_list.hpp>

#include <algorithm>
#include <vector>

/// Where buffers lie in the arena.
namespace ctgrad::passes {

/// Buffers begin at multiples of this many bytes: a cache line and the widest vector.
inline constexpr Size alignment = 64;

constexpr Size aligned(Size bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// A buffer that is written at call `first` and last read at call `last`.
struct Buffer {
  Size bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  Size offset = 0;  ///< found by `place`
};

/// The bytes that live at every call.
constexpr std::vector<Size> live_bytes(const std::vector<Buffer>& buffers) {
  std::int32_t calls = 0;
  const Buffer* all = buffers.data();
  const std::size_t count = buffers.size();
  for (std::size_t i = 0; i < count; ++i) calls = all[i].last + 2 > calls ? all[i].last + 2 : calls;
  std::vector<Size> result(static_cast<std::size_t>(calls), 0);
  Size* live = result.data();
  for (std::size_t i = 0; i < count; ++i) {
    const Size bytes = aligned(all[i].bytes);
    live[all[i].first] += bytes;
    live[all[i].last + 1] -= bytes;
  }
  for (std::int32_t i = 1; i < calls; ++i) live[i] += live[i - 1];
  return result;
}

/// The least that any placement needs: the largest sum of buffers that live at the same call.
constexpr Size lower_bound(const std::vector<Buffer>& buffers) {
  const std::vector<Size> live = live_bytes(buffers);
  const Size* bytes = live.data();
  const std::size_t calls = live.size();
  Size most = 0;
  for (std::size_t i = 0; i < calls; ++i) most = bytes[i] > most ? bytes[i] : most;
  return most;
}

/// The buffers that begin or end at each call, as chains through them.
class Timeline {
 public:
  constexpr explicit Timeline(const std::vector<Buffer>& buffers)
      : next_begin_(static_cast<std::int32_t>(buffers.size())),
        next_end_(static_cast<std::int32_t>(buffers.size())) {
    const Buffer* all = buffers.data();
    const auto count = static_cast<std::int32_t>(buffers.size());
    for (std::int32_t i = 0; i < count; ++i) calls_ = all[i].last >= calls_ ? all[i].last + 1 : calls_;
    begins_ = PerNode<std::int32_t>(calls_);
    ends_ = PerNode<std::int32_t>(calls_);
    std::int32_t* begins = begins_.data();
    std::int32_t* ends = ends_.data();
    std::int32_t* next_begin = next_begin_.data();
    std::int32_t* next_end = next_end_.data();
    for (std::int32_t i = count - 1; i >= 0; --i) {
      next_begin[i] = begins[all[i].first];
      begins[all[i].first] = i + 1;
      next_end[i] = ends[all[i].last];
      ends[all[i].last] = i + 1;
    }
  }

  /// Calls begin(buffer) and end(buffer) in the order of time; what ends at a call does so behind what
  /// begins.
  template <class Begin, class End>
  constexpr void walk(const Begin& begin, const End& end) const {
    const std::int32_t* begins = begins_.data();
    const std::int32_t* ends = ends_.data();
    const std::int32_t* next_begin = next_begin_.data();
    const std::int32_t* next_end = next_end_.data();
    for (std::int32_t call = 0; call < calls_; ++call) {
      for (std::int32_t i = begins[call]; i > 0; i = next_begin[i - 1]) begin(i - 1);
      for (std::int32_t i = ends[call]; i > 0; i = next_end[i - 1]) end(i - 1);
    }
  }

 private:
  std::int32_t calls_ = 0;
  PerNode<std::int32_t> begins_;  ///< of every call, the number plus 1 of the first buffer; 0 for none
  PerNode<std::int32_t> ends_;
  PerNode<std::int32_t> next_begin_;  ///< of every buffer, in the same way
  PerNode<std::int32_t> next_end_;
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

/// What lives at the call where most does is stacked from 0 on in the order of its begin: training keeps
/// values for its backward half and drops them in the opposite order. All else lies in gaps that are counted
/// from the top of the whole stack downwards, or above it where the two would meet. Returns the end.
class StackPlacement {
 public:
  constexpr StackPlacement(std::vector<Buffer>& buffers, const std::vector<Size>& live)
      : buffers_(buffers.data()),
        calls_(static_cast<std::int32_t>(live.size())),
        heights_(calls_),
        above_(static_cast<std::int32_t>(buffers.size())) {
    const Size* bytes = live.data();
    for (std::int32_t i = 0; i < calls_; ++i) {
      if (bytes[i] > bytes[peak_]) peak_ = i;
    }
    bound_ = live.empty() ? 0 : bytes[peak_];
  }

  constexpr Size run(const Timeline& timeline) {
    timeline.walk([&](std::int32_t i) { push(i); }, [](std::int32_t) {});
    find_heights();
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
    heights_[buffer.first] = top_;
    heights_[buffer.last] = top_;
  }

  /// From the heights where what is stacked begins and ends to those of all calls. Towards the peak from
  /// either side the stack only grows.
  constexpr void find_heights() {
    Size* heights = heights_.data();
    for (std::int32_t call = 1; call <= peak_; ++call) {
      if (heights[call] < heights[call - 1]) heights[call] = heights[call - 1];
    }
    for (std::int32_t call = calls_ - 2; call >= peak_; --call) {
      if (heights[call] < heights[call + 1]) heights[call] = heights[call + 1];
    }
  }

  constexpr void take(std::int32_t i, FreeList& below, FreeList& above) {
    Buffer& buffer = buffers_[i];
    if (stacked(buffer)) return;
    const Size room = bound_ - heights_[buffer.last < peak_ ? buffer.last : buffer.first];
    const Size depth = below.take(buffer.bytes);
    if (depth + buffer.bytes <= room) {
      buffer.offset = bound_ - depth - buffer.bytes;
      return;
    }
    below.give(depth, buffer.bytes);
    above_[i] = true;
    buffer.offset = bound_ + above.take(buffer.bytes);
  }

  constexpr void give(std::int32_t i, FreeList& below, FreeList& above) const {
    const Buffer& buffer = buffers_[i];
    if (stacked(buffer)) return;
    if (above_[i]) {
      above.give(buffer.offset - bound_, buffer.bytes);
    } else {
      below.give(bound_ - buffer.offset - buffer.bytes, buffer.bytes);
    }
  }

  Buffer* buffers_;
  std::int32_t calls_;
  PerNode<Size> heights_;  ///< of what is stacked and lives, at every call
  PerNode<bool> above_;    ///< of every buffer, whether it lies above the stack
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
