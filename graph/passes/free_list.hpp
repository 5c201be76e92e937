#pragma once

#include <ctgrad/graph/shape.hpp>

#include <iterator>
#include <vector>

namespace ctgrad::passes {

/// The gaps between buffers that live now, by offset; behind the last one memory is endless.
class FreeList {
 public:
  constexpr explicit FreeList(Size base) : end_(base) {}

  /// The smallest gap that is large enough, or else the end.
  constexpr Size take(Size bytes) {
    Gap* gaps = gaps_.data();
    std::ptrdiff_t best = -1;
    for (std::ptrdiff_t i = 0; i < std::ssize(gaps_); ++i) {
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
    std::ptrdiff_t at = std::ssize(gaps_);
    while (at > 0 && gaps_.data()[at - 1].offset > offset) --at;
    const bool joins_next = at < std::ssize(gaps_) && offset + bytes == gaps_.data()[at].offset;
    if (joins_next) bytes += gaps_.data()[at].bytes;
    if (at > 0 && gaps_.data()[at - 1].offset + gaps_.data()[at - 1].bytes == offset) {
      gaps_.data()[at - 1].bytes += bytes;
      if (joins_next) gaps_.erase(gaps_.begin() + at);
    } else if (joins_next) {
      gaps_.data()[at] = {offset, bytes};
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

}  // namespace ctgrad::passes
