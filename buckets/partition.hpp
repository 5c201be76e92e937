#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

/// Which sequences are computed in which run.
namespace ctgrad::buckets {

/// Sequences `begin` to `begin + count` of a partition's order, in the bucket of such a length and batch.
struct Run {
  std::size_t begin = 0;
  std::size_t count = 0;
  std::size_t length = 0;  ///< its number among the lengths
  std::size_t batch = 0;   ///< its number among the batches
};

/// Finds the runs that cost least. Longer sequences come first, so that a run's rows that are left over hold
/// shorter ones:
///
///     tokens   3 14 9 30 12        lengths 16 and 32, batches of 1 and 4
///     order    3 | 0 1 2 4         one run of 32 by 1, one of 16 by 4
///
/// Sequences of one length keep their order. Allocates nothing once it has seen as many sequences.
template <std::size_t LengthCount, std::size_t BatchCount>
class Partition {
 public:
  /// What a run of a length and a batch costs.
  using Costs = std::array<std::array<double, BatchCount>, LengthCount>;

  /// `lengths` are numbers of lengths, one for each sequence; `rows` the sequences of each batch.
  void find(std::span<const std::size_t> lengths, const std::array<std::size_t, BatchCount>& rows,
            const Costs& costs) {
    sort(lengths);
    const std::size_t count = lengths.size();
    rest_.resize(count + 1);
    batches_.resize(count);
    rest_[count] = 0;
    for (std::size_t begin = count; begin-- > 0;) {
      rest_[begin] = std::numeric_limits<double>::infinity();
      for (std::size_t batch = 0; batch < BatchCount; ++batch) {
        const double cost =
            costs[lengths[order_[begin]]][batch] + rest_[std::min(begin + rows[batch], count)];
        if (cost >= rest_[begin]) continue;
        rest_[begin] = cost;
        batches_[begin] = batch;
      }
    }
    runs_.clear();
    for (std::size_t begin = 0; begin < count; begin += runs_.back().count) {
      const std::size_t batch = batches_[begin];
      runs_.push_back({begin, std::min(rows[batch], count - begin), lengths[order_[begin]], batch});
    }
  }

  /// The runs in their order.
  std::span<const Run> runs() const { return runs_; }
  /// The numbers of a run's sequences.
  std::span<const std::size_t> sequences(const Run& run) const {
    return std::span<const std::size_t>(order_).subspan(run.begin, run.count);
  }

 private:
  /// By counting: the order of equal ones is kept.
  void sort(std::span<const std::size_t> lengths) {
    std::array<std::size_t, LengthCount + 1>
        begins{};  // of the sequences of each length, from the last one on
    for (const std::size_t length : lengths) ++begins[LengthCount - length];
    for (std::size_t i = 1; i <= LengthCount; ++i) begins[i] += begins[i - 1];
    order_.resize(lengths.size());
    for (std::size_t i = 0; i < lengths.size(); ++i) order_[begins[LengthCount - 1 - lengths[i]]++] = i;
    runs_.reserve(lengths.size());
  }

  std::vector<std::size_t> order_;
  std::vector<double> rest_;          ///< the least cost of all sequences from one on
  std::vector<std::size_t> batches_;  ///< that of the run which begins there
  std::vector<Run> runs_;
};

}  // namespace ctgrad::buckets
