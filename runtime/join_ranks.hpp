#pragma once

#include <ctgrad/runtime/join_shards.hpp>
#include <ctgrad/runtime/rank_sums.hpp>

#include <limits>

/// The results of shards that several ranks have computed as one, at each of them.
namespace ctgrad {

/// Which gradients a rank has.
enum class RankGradients {
  whole,  ///< all, at every rank
  sliced  ///< those of its slice of the flat buffer, as an optimiser with the same ranks asks of it; others
          ///< NaN
};

namespace runtime {

/// Joins the results of shards whose results a ShardJoin joins at a single rank; their bits are the same.
///
/// Numbers of few bytes, as losses and weights, go from everywhere to everywhere. Of others each rank adds up
/// a slice: it gets from every rank the sums of the branches that this one's shards make up, which is one
/// mostly, and sends its slice of the total to all. So 2 (ranks - 1) / ranks of their bytes leave and reach
/// each rank, the least that is possible, where the number of ranks divides that of shards and both are
/// powers of two; and half of that where slices are not sent on. All programs of a number type share the
/// code.
template <class Scalar>
class RankJoin {
 public:
  /// Makes room for messages. Nothing is allocated where a rank is alone.
  RankJoin(Ranks ranks, RankGradients gradients, JoinPlan plan)
      : ranks_(std::move(ranks)), gradients_(gradients), plan_(plan) {
    if (ranks_.size() > 1) make_room();
  }

  /// Moved, too: what is left behind goes on with the same ranks.
  RankJoin(const RankJoin&) = default;
  RankJoin& operator=(const RankJoin&) = default;
  ~RankJoin() = default;

  const Ranks& ranks() const { return ranks_; }

  /// The shards that this rank computes.
  ShardRange own() const { return shards_of(ranks_.rank()); }

  /// To be called for the memory of joined results before the first of them: what no run writes is NaN.
  void initialize(std::byte* memory) const {
    if (ranks_.size() == 1 || gradients_ == RankGradients::whole) return;
    for (std::size_t i = 0; i < plan_.parts.size(); ++i) {
      const JoinedPart& part = plan_.parts[i];
      if (part.joining == Joining::behind || is_few(part)) continue;
      std::fill_n(reinterpret_cast<Scalar*>(memory + plan_.begins[i]), count_of(part),
                  of_another_rank<Scalar>);
    }
  }

  /// Called by all ranks: joins what the machines' last runs computed, of which those of other ranks' shards
  /// are not asked for.
  CTGRAD_NOINLINE void join(const Team& team, const ShardOutputs& outputs, std::byte* to) {
    gather_records(outputs);
    for (std::size_t i = 0; i < plan_.parts.size(); ++i) {
      const JoinedPart& part = plan_.parts[i];
      std::byte* joined = to + plan_.begins[i];
      if (part.joining == Joining::behind) {
        append(part, outputs, joined);
      } else if (is_few(part)) {
        sum_up_records(i, reinterpret_cast<Scalar*>(joined));
      } else {
        sum_up(team, i, outputs, reinterpret_cast<Scalar*>(joined));
      }
    }
  }

 private:
  static constexpr std::size_t few = 64 / sizeof(Scalar);
  /// Threads begin at cache lines of their own.
  static constexpr std::size_t line = 64 / sizeof(Scalar);

  static constexpr std::size_t count_of(const JoinedPart& part) {
    return static_cast<std::size_t>(part.bytes) / sizeof(Scalar);
  }
  static constexpr bool is_few(const JoinedPart& part) {
    return part.joining != Joining::behind && count_of(part) <= few;
  }

  [[gnu::noinline, gnu::cold]] void make_room() {
    record_begins_.resize(plan_.parts.size());
    for (std::size_t i = 0; i < plan_.parts.size(); ++i) {
      const JoinedPart& part = plan_.parts[i];
      record_begins_[i] = record_size_;
      record_size_ += (part.joining == Joining::weighted_mean ? 1 : 0) + (is_few(part) ? count_of(part) : 0);
      if (part.joining != Joining::behind && !is_few(part)) longest_ = std::max(longest_, count_of(part));
    }
    branches_.resize(ranks_.size());
    record_ends_.resize(ranks_.size());
    std::size_t branch_count = 0;
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      append_branches({0, plan_.shards}, shards_of(r), branches_[r]);
      branch_count += branches_[r].size();
      record_ends_[r] = shards_of(r).end * record_size_ * sizeof(Scalar);
    }
    sent_.resize(ranks_.size());
    received_.resize(ranks_.size());
    ends_.resize(ranks_.size());
    records_.resize(plan_.shards * record_size_);
    sums_.resize(own_branches().size() * longest_);
    others_.resize(branch_count * slice_room());
  }

  ShardRange shards_of(std::size_t rank) const { return shards_of_rank(plan_.shards, rank, ranks_.size()); }
  const std::vector<Branch>& own_branches() const { return branches_[ranks_.rank()]; }

  /// The numbers of a part of which a rank adds up the totals.
  RankSlice slice_of(std::size_t rank, std::size_t count) const {
    return slice_of_rank(count, rank, ranks_.size());
  }
  /// The most numbers of a slice.
  std::size_t slice_room() const {
    const std::size_t units = (longest_ + slice_unit - 1) / slice_unit;
    return (units + ranks_.size() - 1) / ranks_.size() * slice_unit;
  }

  static const Scalar* numbers_of(const ShardOutputs& outputs, std::size_t shard, std::size_t output) {
    return reinterpret_cast<const Scalar*>(outputs(shard, output));
  }

  /// What a shard says to all ranks: of each part its weight, and its numbers where they are few.
  void gather_records(const ShardOutputs& outputs) {
    if (record_size_ == 0) return;
    for (std::size_t s = own().begin; s < own().end; ++s) {
      Scalar* record = records_.data() + s * record_size_;
      for (const JoinedPart& part : plan_.parts) {
        if (part.joining == Joining::weighted_mean) *record++ = *numbers_of(outputs, s, part.weight);
        if (is_few(part)) record = std::copy_n(numbers_of(outputs, s, part.output), count_of(part), record);
      }
    }
    ranks_.gather(reinterpret_cast<std::byte*>(records_.data()), record_ends_, sent_, received_,
                  RankCall::results);
  }

  /// What a mean's sum is multiplied by, or divided by.
  struct Scale {
    Scalar number;
    bool divides;
  };
  Scale scale_of(std::size_t i) const {
    if (plan_.parts[i].joining == Joining::mean)
      return {Scalar{1} / static_cast<Scalar>(plan_.shards), false};
    Scalar weight = 0;
    BranchSum<Scalar>(record_of(record_begins_[i])).run(&weight, whole(), 0, 1);
    return {weight, true};
  }

  Branch whole() const { return {0, plan_.shards}; }

  /// Where the numbers of a shard's record lie, from that at `begin` on.
  auto record_of(std::size_t begin) const {
    return [this, begin](Branch branch) {
      return branch.count == 1 ? records_.data() + branch.first * record_size_ + begin : nullptr;
    };
  }

  void sum_up_records(std::size_t i, Scalar* to) const {
    const JoinedPart& part = plan_.parts[i];
    const std::size_t begin = record_begins_[i] + (part.joining == Joining::weighted_mean ? 1 : 0);
    add_up(BranchSum<Scalar>(record_of(begin)), to, {0, count_of(part)}, scale_of(i));
  }

  void add_up(const BranchSum<Scalar>& sum, Scalar* to, RankSlice slice, Scale scale) const {
    if (scale.divides && scale.number == 0) {
      std::fill_n(to, slice.count(), Scalar{0});
    } else {
      sum.run(to, whole(), slice.begin, slice.end, scale.number, scale.divides);
    }
  }

  void sum_up(const Team& team, std::size_t i, const ShardOutputs& outputs, Scalar* to) {
    const JoinedPart& part = plan_.parts[i];
    const std::size_t count = count_of(part);
    add_up_branches(team, part, outputs);
    exchange_branches(count);
    const RankSlice own = slice_of(ranks_.rank(), count);
    const Scale scale = scale_of(i);
    team.for_each_slice(own.count(), line, [&](std::size_t, std::size_t begin, std::size_t end) {
      const auto branch = [&](Branch of) { return numbers_of_branch(of, own); };
      add_up(BranchSum<Scalar>(branch), to + own.begin + begin, {begin, end}, scale);
    });
    if (gradients_ == RankGradients::sliced) return;
    for (std::size_t r = 0; r < ranks_.size(); ++r) ends_[r] = slice_of(r, count).end * sizeof(Scalar);
    ranks_.gather(reinterpret_cast<std::byte*>(to), ends_, sent_, received_, RankCall::results);
  }

  /// The sums of this rank's branches: for each rank its slice of all of them, one behind the other.
  void add_up_branches(const Team& team, const JoinedPart& part, const ShardOutputs& outputs) {
    const auto shard = [&](Branch branch) {
      return branch.count == 1 ? numbers_of(outputs, branch.first, part.output) : nullptr;
    };
    const std::vector<Branch>& branches = own_branches();
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      const RankSlice slice = slice_of(r, count_of(part));
      Scalar* to = sums_.data() + slice.begin * branches.size();
      team.for_each_slice(slice.count(), line, [&](std::size_t, std::size_t begin, std::size_t end) {
        for (std::size_t b = 0; b < branches.size(); ++b) {
          BranchSum<Scalar>(shard).run(to + b * slice.count() + begin, branches[b], slice.begin + begin,
                                       slice.begin + end);
        }
      });
    }
  }

  /// The branches of this rank's slice, those of rank 0 first.
  void exchange_branches(std::size_t count) {
    const RankSlice own = slice_of(ranks_.rank(), count);
    Scalar* to = others_.data();
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      const RankSlice slice = slice_of(r, count);
      const std::size_t branches = own_branches().size();
      sent_[r] = {reinterpret_cast<const std::byte*>(sums_.data() + slice.begin * branches),
                  slice.count() * branches * sizeof(Scalar)};
      received_[r] = {reinterpret_cast<std::byte*>(to), own.count() * branches_[r].size() * sizeof(Scalar)};
      to += own.count() * branches_[r].size();
    }
    const std::size_t me = ranks_.rank();
    std::memcpy(received_[me].data, sent_[me].data, sent_[me].size);
    ranks_.exchange(sent_, received_, RankCall::results);
  }

  /// Where a branch of this rank's slice lies; null where it is to be added up of others.
  const Scalar* numbers_of_branch(Branch of, RankSlice own) const {
    const Scalar* numbers = others_.data();
    for (const std::vector<Branch>& list : branches_) {
      for (const Branch& branch : list) {
        if (branch.first == of.first && branch.count == of.count) return numbers;
        numbers += own.count();
      }
    }
    return nullptr;
  }

  void append(const JoinedPart& part, const ShardOutputs& outputs, std::byte* to) {
    const auto bytes = static_cast<std::size_t>(part.bytes);
    for (std::size_t s = own().begin; s < own().end; ++s)
      std::memcpy(to + s * bytes, outputs(s, part.output), bytes);
    for (std::size_t r = 0; r < ranks_.size(); ++r) ends_[r] = shards_of(r).end * bytes;
    ranks_.gather(to, ends_, sent_, received_, RankCall::results);
  }

  Ranks ranks_;
  RankGradients gradients_;
  JoinPlan plan_;
  std::vector<std::size_t> record_begins_;  ///< of each part in a shard's record
  std::size_t record_size_ = 0;
  std::size_t longest_ = 0;                    ///< the numbers of the longest part that is added up in slices
  std::vector<std::vector<Branch>> branches_;  ///< of each rank
  std::vector<std::size_t> record_ends_, ends_;
  std::vector<Ranks::Sent> sent_;
  std::vector<Ranks::Received> received_;
  std::vector<Scalar> records_;  ///< of all shards
  std::vector<Scalar> sums_;     ///< of this rank's branches
  std::vector<Scalar> others_;   ///< the branches of this rank's slice
};

}  // namespace runtime
}  // namespace ctgrad
