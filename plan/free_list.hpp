#pragma once

#include <ctgrad/base/list.hpp>
#include <ctgrad/base/shape.hpp>

#include <cstddef>

namespace ctgrad::plan {

/// The gaps between the buffers that live at the moment, in the order of their offsets. Behind the last
/// buffer there is memory without end.
///
///     | buffer | gap | buffer | gap |  end: the first offset that no buffer has reached yet
class FreeList {
 public:
  constexpr explicit FreeList(Size base) : end_(base) {}

  /// Takes `bytes` from the smallest gap that holds them, or else at the end. Returns their offset.
  constexpr Size take(Size bytes) {
    Gap* gaps = gaps_.data();
    const auto count = static_cast<std::ptrdiff_t>(gaps_.size());
    std::ptrdiff_t best = -1;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      if (gaps[i].bytes >= bytes && (best < 0 || gaps[i].bytes < gaps[best].bytes)) best = i;
    }
    if (best < 0 && count > 0 && gaps[count - 1].offset + gaps[count - 1].bytes == end_) {
      end_ = gaps[count - 1].offset;  // the last gap lies at the end and grows
      gaps_.truncate(static_cast<std::size_t>(count - 1));
    }
    if (best < 0) {
      end_ += bytes;
      return end_ - bytes;
    }
    const Size offset = gaps[best].offset;
    gaps[best] = {offset + bytes, gaps[best].bytes - bytes};
    if (gaps[best].bytes == 0) erase(best);
    return offset;
  }

  /// Gives memory back, which becomes one gap with those that it touches.
  constexpr void give(Size offset, Size bytes) {
    Gap* gaps = gaps_.data();
    const auto count = static_cast<std::ptrdiff_t>(gaps_.size());
    std::ptrdiff_t at = count;
    while (at > 0 && gaps[at - 1].offset > offset) --at;
    const bool joins_next = at < count && offset + bytes == gaps[at].offset;
    if (joins_next) bytes += gaps[at].bytes;
    if (at > 0 && gaps[at - 1].offset + gaps[at - 1].bytes == offset) {
      gaps[at - 1].bytes += bytes;
      if (joins_next) erase(at);
    } else if (joins_next) {
      gaps[at] = {offset, bytes};
    } else {
      gaps_.push_back({offset, bytes});
      gaps = gaps_.data();
      for (std::ptrdiff_t i = count; i > at; --i) gaps[i] = gaps[i - 1];
      gaps[at] = {offset, bytes};
    }
  }

  /// The first offset that was never taken.
  constexpr Size end() const { return end_; }

 private:
  struct Gap {
    Size offset = 0;
    Size bytes = 0;
  };

  constexpr void erase(std::ptrdiff_t gap) {
    Gap* gaps = gaps_.data();
    const auto last = static_cast<std::ptrdiff_t>(gaps_.size()) - 1;
    for (std::ptrdiff_t i = gap; i < last; ++i) gaps[i] = gaps[i + 1];
    gaps_.truncate(static_cast<std::size_t>(last));
  }

  List<Gap> gaps_;
  Size end_;
};

}  // namespace ctgrad::plan
