#pragma once

#include <ctgrad/base/shape.hpp>

#include <array>
#include <cstddef>

/// The sizes that a program of varying lengths and batches is compiled for.
namespace ctgrad {

namespace buckets {

/// Says of sizes that they may be those of buckets.
template <Size... Numbers>
struct sizes {
  static constexpr bool are_positive_and_ascend = [] {
    Size last = 0;
    bool ascend = sizeof...(Numbers) > 0;
    ((ascend = ascend && Numbers > last, last = Numbers), ...);
    return ascend;
  }();
};

/// Ascending sizes.
template <Size... Numbers>
struct SizeList {
  static constexpr std::size_t count = sizeof...(Numbers);
  static constexpr std::array<Size, count> numbers{Numbers...};
  static constexpr Size smallest = numbers.front();
  static constexpr Size largest = numbers.back();

  /// Whether a size is one of them.
  static constexpr bool has(Size number) { return ((number == Numbers) || ...); }
};

}  // namespace buckets

/// The numbers of tokens that sequences are padded to; the last one is the most that a sequence may have.
template <Size... Tokens>
struct Lengths : buckets::SizeList<Tokens...> {
  static_assert(buckets::sizes<Tokens...>::are_positive_and_ascend,
                "Lengths: numbers of tokens are given from the smallest, of 1 at least, to the largest");
};

/// The numbers of sequences that are computed in one run. More of them take several runs; fewer than the
/// smallest one, or a remainder, take one with rows that count nothing.
template <Size... Sequences>
struct Batches : buckets::SizeList<Sequences...> {
  static_assert(buckets::sizes<Sequences...>::are_positive_and_ascend,
                "Batches: numbers of sequences are given from the smallest, of 1 at least, to the largest");
};

}  // namespace ctgrad
