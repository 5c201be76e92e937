#pragma once

#include <ctgrad/base/list.hpp>
#include <ctgrad/plan/free_list.hpp>

#include <algorithm>
#include <vector>

/// Where buffers lie in the arena: those that live at the same time must not overlap. Two ways are tried, and
/// the one that needs less memory is taken. Time runs to the right, one column a kernel call; a letter is a
/// cache line of memory.
///
///     place_in_gaps: each buffer goes       StackPlacement: what lives at the peak is stacked from
///     into the smallest gap that holds it   below, a, b, c; what does not, t and u, hangs from above
///
///     line 2   b b b .                      line 2   t t . c . u u
///     line 1   a a . .                      line 1   . . b b b . .
///     line 0   a a c c                      line 0   a a a a a a a
///     call     0 1 2 3                      call     0 1 2 3 4 5 6
namespace ctgrad::plan {

/// Buffers begin at multiples of so many bytes: a cache line, and the widest vector.
inline constexpr Size alignment = 64;

constexpr Size aligned(Size bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// A buffer that the call at position `first` writes and the one at position `last` is the last to read.
struct Buffer {
  Size bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  Size offset = 0;  ///< found by `place`
};

/// For every call the bytes of all buffers that live while it runs; a last element is 0.
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

/// The bytes that any placement needs: the most that live while one call runs.
constexpr Size lower_bound(const std::vector<Buffer>& buffers) {
  const std::vector<Size> live = live_bytes(buffers);
  const Size* bytes = live.data();
  const std::size_t calls = live.size();
  Size most = 0;
  for (std::size_t i = 0; i < calls; ++i) most = bytes[i] > most ? bytes[i] : most;
  return most;
}

/// The buffers whose lives begin and those whose lives end at each call.
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

  /// Calls begin(buffer) and end(buffer), with the buffer's number, in the order of time. A call reads while
  /// it writes, so lives that end at a call end behind those that begin there.
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
  // Chains through the buffers. Each link is a buffer's number plus 1; 0 ends a chain.
  PerNode<std::int32_t> begins_;      ///< for every call the first buffer whose life begins there
  PerNode<std::int32_t> ends_;        ///< for every call the first buffer whose life ends there
  PerNode<std::int32_t> next_begin_;  ///< for every buffer the next one that begins with it
  PerNode<std::int32_t> next_end_;    ///< for every buffer the next one that ends with it
};

/// Puts each buffer, when its life begins, into the smallest gap between living ones that holds it. Returns
/// the bytes of all. Buffers of 128, 64, 64 bytes with lives [0, 1], [0, 2], [2, 3]  ->  offsets 0, 128, 0
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

/// Stacks the buffers that live at the peak, the call while which most bytes live, from offset 0 on in the
/// order of their begins. Training fits this: its forward half keeps values that its backward half drops in
/// the opposite order. All other buffers lie in gaps that are counted from the top of the stack downwards, or
/// above the top where they would meet the stack.
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

  /// Gives all buffers their offsets, and returns the bytes of all.
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

  /// Fills in the stack's height at every call, known so far where stacked buffers begin and end: from either
  /// side towards the peak, the stack only grows.
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
  PerNode<Size> heights_;  ///< for every call the end of the stacked buffers that live then
  PerNode<bool> above_;    ///< for every buffer whether it lies above the top of the whole stack
  std::int32_t peak_ = 0;  ///< the call while which most bytes live
  Size bound_ = 0;         ///< the top of the whole stack: the bytes that live at the peak
  Size top_ = 0;           ///< the top of what has been stacked so far
};

/// Gives buffers offsets from `base` on, such that none overlap that live at the same time. Returns the
/// offset behind all of them.
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

}  // namespace ctgrad::plan
