#pragma once

#include <ctgrad/runtime/pages.hpp>
#include <ctgrad/runtime/rank_sums.hpp>
#include <ctgrad/runtime/team.hpp>
#include <ctgrad/train/clip.hpp>
#include <ctgrad/train/non_finite.hpp>

#include <utility>
#include <vector>

namespace ctgrad {

/// A number that a move takes along, and leaves 0.
class MovedSize {
 public:
  explicit MovedSize(std::size_t size) : size_(size) {}
  MovedSize(const MovedSize&) = default;
  MovedSize(MovedSize&& other) noexcept : size_(std::exchange(other.size_, 0)) {}
  MovedSize& operator=(const MovedSize&) = default;
  MovedSize& operator=(MovedSize&& other) noexcept {
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~MovedSize() = default;

  operator std::size_t() const { return size_; }

 private:
  std::size_t size_;
};

/// Throws std::invalid_argument, as `owner`'s, where a gradient is what stands for one of another rank.
template <std::floating_point Scalar>
void require_own_slice(const char* owner, Scalar gradient, bool is_alone) {
  if (!runtime::is_of_another_rank(gradient)) return;
  throw std::invalid_argument(std::string(owner) + ": gradients: expected those of " +
                              (is_alone ? "all parameters" : "this rank's slice") +
                              ", got another slice of them: set_ranks with the ranks of the program, or give "
                              "the program RankGradients::whole");
}

/// Who works on which numbers of a flat buffer: each rank on a slice, and there each thread of a team on a
/// part. No result depends on how many there are. Only what makes room allocates.
template <std::floating_point Scalar>
class UpdateSlices {
 public:
  static_assert(runtime::slice_unit % squares_block == 0, "a block of squares is of one rank");

  explicit UpdateSlices(std::size_t size) : size_(size), sums_(blocks(size), 0.0) { set_ranks(Ranks()); }

  void set_team(Team team) {
    team_ = std::move(team);
    largest_.assign(team_.size(), 0);
  }
  [[gnu::cold]] void set_ranks(Ranks ranks) {
    ranks_ = std::move(ranks);
    magnitudes_.assign(ranks_.size(), 0);
    ends_.resize(ranks_.size());
    sent_.resize(ranks_.size());
    received_.resize(ranks_.size());
  }

  const Ranks& ranks() const { return ranks_; }
  bool is_alone() const { return ranks_.size() == 1; }

  /// Those of this rank.
  runtime::RankSlice own() const { return slice_of(ranks_.rank()); }

  /// visit(begin, end) for parts of this rank's slice, each by one thread of the team.
  template <class Visit>
  void for_each_part(const Visit& visit) const {
    const runtime::RankSlice slice = own();
    team_of(slice.count(), few_updates)
        .for_each_slice(slice.count(), line, [&](std::size_t, std::size_t begin, std::size_t end) {
          visit(slice.begin + begin, slice.begin + end);
        });
  }

  /// Called by all ranks, each of which has the numbers of its slice: the largest magnitude of all; not
  /// finite if one of them is not.
  Scalar largest_of(std::span<const Scalar> numbers) {
    if (size_ == 0) return 0;
    const std::span<const Scalar> mine = numbers.subspan(own().begin, own().count());
    std::ranges::fill(largest_, Scalar{0});
    team_of(mine.size(), many)
        .for_each_slice(mine.size(), line, [&](std::size_t part, std::size_t begin, std::size_t end) {
          largest_[part] = largest_magnitude(mine.subspan(begin, end - begin));
        });
    magnitudes_[ranks_.rank()] = largest_magnitude(std::span<const Scalar>(largest_));
    gather(
        magnitudes_.data(), [](std::size_t rank) { return rank + 1; }, RankCall::gradients);
    return largest_magnitude(std::span<const Scalar>(magnitudes_));
  }

  /// Called by all ranks: the sum of what `block(begin, end)` gives for each block of squares_block numbers
  /// of the buffer, in the blocks' order.
  template <class Block>
  double sum_of_blocks(const Block& block) {
    if (size_ == 0) return 0;
    const std::size_t first = own().begin / squares_block, last = blocks(own().end);
    team_of(own().count(), many)
        .for_each_slice(last - first, 1, [&](std::size_t, std::size_t begin, std::size_t end) {
          for (std::size_t b = first + begin; b < first + end; ++b)
            sums_[b] = block(b * squares_block, std::min<std::size_t>((b + 1) * squares_block, size_));
        });
    gather(
        sums_.data(), [&](std::size_t rank) { return blocks(slice_of(rank).end); }, RankCall::max_norm);
    double sum = 0;
    for (const double of_block : sums_) sum += of_block;
    return sum;
  }

  /// Called by all ranks, each of which has the numbers of its slice: from then on all have all.
  void gather(Scalar* numbers) {
    gather(
        numbers, [&](std::size_t rank) { return slice_of(rank).end; }, RankCall::parameters);
  }

  /// The same, but only the first rank has all.
  void gather_at_first(std::span<Scalar> numbers) {
    for (std::size_t r = 0; r < ranks_.size(); ++r) sent_[r] = {}, received_[r] = {};
    const auto bytes_of = [&](runtime::RankSlice slice) {
      return std::as_writable_bytes(numbers.subspan(slice.begin, slice.count()));
    };
    if (ranks_.is_first()) {
      for (std::size_t r = 1; r < ranks_.size(); ++r) {
        const auto bytes = bytes_of(slice_of(r));
        received_[r] = {bytes.data(), bytes.size()};
      }
    } else {
      const auto bytes = bytes_of(own());
      sent_[0] = {bytes.data(), bytes.size()};
    }
    ranks_.exchange(sent_, received_, RankCall::state);
  }

  /// Gives the memory of the numbers of other ranks' slices back.
  void forget_others(std::span<Scalar> numbers) const {
    auto* const begin = reinterpret_cast<std::byte*>(numbers.data());
    runtime::forget_pages(begin, begin + own().begin * sizeof(Scalar));
    runtime::forget_pages(begin + own().end * sizeof(Scalar), begin + numbers.size_bytes());
  }

 private:
  static std::size_t blocks(std::size_t size) { return (size + squares_block - 1) / squares_block; }
  runtime::RankSlice slice_of(std::size_t rank) const {
    return runtime::slice_of_rank(size_, rank, ranks_.size());
  }

  /// Of these numbers the first ends[0] are rank 0's, those up to ends[1] rank 1's and so on.
  template <class T, class EndOf>
  void gather(T* numbers, const EndOf& end_of, RankCall call) {
    if (is_alone()) return;
    for (std::size_t r = 0; r < ranks_.size(); ++r) ends_[r] = end_of(r) * sizeof(T);
    ranks_.gather(reinterpret_cast<std::byte*>(numbers), ends_, sent_, received_, call);
  }

  /// Who works on so many numbers: the team if there are many, or if there are no fewer than `least` and it
  /// is awake. Otherwise its threads would only wait for each other.
  const Team& team_of(std::size_t count, std::size_t least) const {
    return count >= many || (count >= least && team_.is_awake()) ? team_ : alone_;
  }

  static constexpr std::size_t many = 1 << 16, few_updates = 1 << 12;
  /// Threads begin at cache lines of their own.
  static constexpr std::size_t line = 64 / sizeof(Scalar);

  MovedSize size_;
  Team team_{1}, alone_{1};
  Ranks ranks_;
  std::vector<Scalar> largest_ = {0};  ///< magnitude in each part
  std::vector<Scalar> magnitudes_;     ///< the largest of each rank
  std::vector<double> sums_;           ///< of blocks of squares
  std::vector<std::size_t> ends_;
  std::vector<Ranks::Sent> sent_;
  std::vector<Ranks::Received> received_;
};

}  // namespace ctgrad
