#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <bit>

/// The sum of equal parts of a batch's result, in one order whoever computed which part.
namespace ctgrad::kernels {

/// How many of `count` shards are summed up on the left of their tree's root: the largest power of two below.
///
///     ((0 + 1) + (2 + 3)) + (4 + 5)      6 shards: the first four, then the others
constexpr std::size_t left_shards(std::size_t count) { return std::bit_floor(count - 1); }

/// number(i), numbers or vectors of them, for `Count` shards from `First` on, summed up along that tree.
template <std::size_t First, std::size_t Count, class Number>
CTGRAD_INLINE constexpr auto sum_along_tree(const Number& number) {
  if constexpr (Count == 1) {
    return number(First);
  } else {
    constexpr std::size_t left = left_shards(Count);
    auto sum = sum_along_tree<First, left>(number);
    const auto others = sum_along_tree<First + left, Count - left>(number);
    if constexpr (requires { sum.add(others); }) {
      sum.add(others);
    } else {
      sum += others;
    }
    return sum;
  }
}

/// to[i] = (the sum of shards[s][i] along the tree) * scale for i in [begin, end), or / scale where
/// `Divides`.
template <std::size_t Shards, bool Divides, class T>
CTGRAD_NOINLINE void sum_of_shards(T* __restrict to, const T* const (&shards)[Shards], T scale, Size begin,
                                   Size end) {
  constexpr Size width = lanes_of<T>;
  using Vector = Lanes<T, width>;
  Size i = begin;
  for (; i + width <= end; i += width) {
    auto sum =
        sum_along_tree<0, Shards>([&](std::size_t s) CTGRAD_INLINED { return Vector::load(shards[s] + i); });
    if constexpr (Divides) {
      sum.divide(scale);
    } else {
      sum.multiply(scale);
    }
    sum.store(to + i);
  }
  for (; i < end; ++i) {
    const T sum = sum_along_tree<0, Shards>([&](std::size_t s) { return shards[s][i]; });
    to[i] = Divides ? sum / scale : sum * scale;
  }
}

}  // namespace ctgrad::kernels
