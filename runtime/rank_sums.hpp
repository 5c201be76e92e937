#pragma once

#include <ctgrad/kernels/shard_sum.hpp>
#include <ctgrad/runtime/ranks.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

/// How ranks share the shards of a batch, and add up their results along the one tree that a single rank goes
/// along.
namespace ctgrad::runtime {

/// Shards [begin, end).
struct ShardRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t count() const { return end - begin; }
};

/// Those of a rank: neighbours, so that most of their sums are branches of the tree.
constexpr ShardRange shards_of_rank(std::size_t shards, std::size_t rank, std::size_t ranks) {
  return {shards * rank / ranks, shards * (rank + 1) / ranks};
}

/// Numbers [begin, end) of a buffer.
struct RankSlice {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t count() const { return end - begin; }
};

/// Slices are made of whole runs of so many numbers, but for the last one.
inline constexpr std::size_t slice_unit = 512;

/// The slice of a buffer of `size` numbers that is a rank's: gradients are summed up there, and parameters
/// are updated.
constexpr RankSlice slice_of_rank(std::size_t size, std::size_t rank, std::size_t ranks) {
  const std::size_t units = (size + slice_unit - 1) / slice_unit;
  const auto bound = [&](std::size_t r) { return std::min(units * r / ranks * slice_unit, size); };
  return {bound(rank), bound(rank + 1)};
}

/// What stands for a number of a slice that is another rank's: NaN, and of all those a special one, so that
/// who meets it can say what it is.
template <class T>
inline constexpr T of_another_rank = [] {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(std::uint32_t{0x7fc51ce5});
  } else {
    return std::bit_cast<T>(std::uint64_t{0x7ff851ce00000000});
  }
}();

/// Whether a number is that one, or was made of it.
template <class T>
bool is_of_another_rank(T number) {
  return std::memcmp(&number, &of_another_rank<T>, sizeof(T)) == 0;
}

/// A branch of the tree over shards: the sum of `count` of them from `first` on.
struct Branch {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// Appends the largest branches below `branch` that are made of the given shards alone.
inline void append_branches(Branch branch, ShardRange own, std::vector<Branch>& list) {
  const std::size_t end = branch.first + branch.count;
  if (end <= own.begin || branch.first >= own.end) return;
  if (own.begin <= branch.first && end <= own.end) {
    list.push_back(branch);
    return;
  }
  const std::size_t left = kernels::left_shards(branch.count);
  append_branches({branch.first, left}, own, list);
  append_branches({branch.first + left, branch.count - left}, own, list);
}

/// Adds up numbers along a branch of the tree, some at a time. `numbers_of(branch)` gives where those of a
/// branch lie, from number 0 on, or null where it has to be added up. All programs of a number type share the
/// loops.
template <class T>
class BranchSum {
 public:
  /// The function must outlive this object.
  template <class NumbersOf>
  explicit BranchSum(const NumbersOf& numbers_of)
      : context_(&numbers_of), numbers_of_([](const void* context, Branch branch) -> const T* {
          return (*static_cast<const NumbersOf*>(context))(branch);
        }) {}

  /// to[0 ...] = the numbers [begin, end) of the branch, all times `scale`, or divided by it.
  CTGRAD_NOINLINE void run(T* to, Branch branch, std::size_t begin, std::size_t end, T scale = 1,
                           bool divides = false) const {
    alignas(64) T sums[most_levels * at_once];
    for (std::size_t from = begin; from < end; from += at_once, to += at_once) {
      const std::size_t count = std::min(at_once, end - from);
      const T* numbers = sum(branch, from, count, sums);
      if (divides) {
        for (std::size_t i = 0; i < count; ++i) to[i] = numbers[i] / scale;
      } else {
        for (std::size_t i = 0; i < count; ++i) to[i] = numbers[i] * scale;
      }
    }
  }

 private:
  static constexpr std::size_t at_once = 512;
  static constexpr std::size_t most_levels = 16;  ///< of trees over up to 2^15 shards

  /// Where the sums of numbers [from, from + count) of a branch lie: in `room`, unless they are there.
  CTGRAD_NOINLINE const T* sum(Branch branch, std::size_t from, std::size_t count, T* room) const {
    if (const T* numbers = numbers_of_(context_, branch)) return numbers + from;
    const std::size_t left = kernels::left_shards(branch.count);
    const T* a = sum({branch.first, left}, from, count, room);
    const T* b = sum({branch.first + left, branch.count - left}, from, count, room + at_once);
    for (std::size_t i = 0; i < count; ++i) room[i] = a[i] + b[i];
    return room;
  }

  const void* context_;
  const T* (*numbers_of_)(const void* context, Branch branch);
};

}  // namespace ctgrad::runtime
