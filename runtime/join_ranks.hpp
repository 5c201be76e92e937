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
/// powers of two; and half of that where slices are not sent on.
template <class Scalar, class Machine, class Join, std::size_t Shards>
class RankJoin {
 public:
  /// Makes room for messages. Nothing is allocated where a rank is alone.
  explicit RankJoin(Ranks ranks, RankGradients gradients) : ranks_(std::move(ranks)), gradients_(gradients) {
    if (ranks_.size() == 1) return;
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      branches_.emplace_back();
      append_branches({0, Shards}, shards_of(r), branches_.back());
      record_ends_.push_back(shards_of(r).end * record_bytes);
    }
    sent_.resize(ranks_.size());
    received_.resize(ranks_.size());
    ends_.resize(ranks_.size());
    records_.resize(Shards * record_size);
    sums_.resize(own_branches().size() * longest);
    others_.resize(branch_count() * slice_room());
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
    for (std::size_t i = 0; i < Join::all.count; ++i) {
      const JoinedPart& part = Join::all.parts[i];
      if (part.joining == Joining::behind || is_few(part)) continue;
      std::fill_n(reinterpret_cast<Scalar*>(memory + Join::begins[i]), count_of(part),
                  std::numeric_limits<Scalar>::quiet_NaN());
    }
  }

  /// Called by all ranks: joins what the machines' last runs computed, of which those of other ranks' shards
  /// are null here.
  void join(const Team& team, const typename Join::Machines& machines, std::byte* to) {
    gather_records(machines);
    for (std::size_t i = 0; i < Join::all.count; ++i) {
      const JoinedPart& part = Join::all.parts[i];
      std::byte* joined = to + Join::begins[i];
      if (part.joining == Joining::behind) {
        append(part, machines, joined);
      } else if (is_few(part)) {
        sum_up_records(i, reinterpret_cast<Scalar*>(joined));
      } else {
        sum_up(team, i, machines, reinterpret_cast<Scalar*>(joined));
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

  /// What a shard says to all ranks: of each part its weight, and its numbers where they are few. Where these
  /// begin, and behind them the end of all.
  static constexpr auto record_begins = [] {
    std::array<std::size_t, Join::all.count + 1> begins{};
    for (std::size_t i = 0; i < Join::all.count; ++i) {
      const JoinedPart& part = Join::all.parts[i];
      begins[i + 1] =
          begins[i] + (part.joining == Joining::weighted_mean ? 1 : 0) + (is_few(part) ? count_of(part) : 0);
    }
    return begins;
  }();
  static constexpr std::size_t record_size = record_begins[Join::all.count];
  static constexpr std::size_t record_bytes = record_size * sizeof(Scalar);

  /// The numbers of the longest part of which each rank adds up a slice.
  static constexpr std::size_t longest = [] {
    std::size_t most = 0;
    for (std::size_t i = 0; i < Join::all.count; ++i) {
      const JoinedPart& part = Join::all.parts[i];
      if (part.joining != Joining::behind && !is_few(part)) most = std::max(most, count_of(part));
    }
    return most;
  }();

  ShardRange shards_of(std::size_t rank) const { return shards_of_rank(Shards, rank, ranks_.size()); }
  const std::vector<Branch>& own_branches() const { return branches_[ranks_.rank()]; }
  std::size_t branch_count() const {
    std::size_t count = 0;
    for (const std::vector<Branch>& list : branches_) count += list.size();
    return count;
  }

  /// The numbers of a part of which a rank adds up the totals.
  RankSlice slice_of(std::size_t rank, std::size_t count) const {
    return slice_of_rank(count, rank, ranks_.size());
  }
  /// The most numbers of a slice.
  std::size_t slice_room() const {
    const std::size_t units = (longest + slice_unit - 1) / slice_unit;
    return (units + ranks_.size() - 1) / ranks_.size() * slice_unit;
  }

  static const Scalar* numbers_of(const Machine& machine, std::size_t output) {
    return reinterpret_cast<const Scalar*>(machine.output(output));
  }

  void gather_records(const typename Join::Machines& machines) {
    if constexpr (record_size > 0) {
      for (std::size_t s = own().begin; s < own().end; ++s) {
        Scalar* record = records_.data() + s * record_size;
        for (std::size_t i = 0; i < Join::all.count; ++i) {
          const JoinedPart& part = Join::all.parts[i];
          if (part.joining == Joining::weighted_mean) *record++ = *numbers_of(*machines[s], part.weight);
          if (is_few(part))
            record = std::copy_n(numbers_of(*machines[s], part.output), count_of(part), record);
        }
      }
      ranks_.gather(reinterpret_cast<std::byte*>(records_.data()), record_ends_, sent_, received_);
    }
  }

  /// What a mean's sum is multiplied by, or divided by.
  struct Scale {
    Scalar number;
    bool divides;
  };
  Scale scale_of(std::size_t i) const {
    if (Join::all.parts[i].joining == Joining::mean) return {Scalar{1} / static_cast<Scalar>(Shards), false};
    const Scalar* first = records_.data() + record_begins[i];
    return {kernels::sum_along_tree<0, Shards>([&](std::size_t s) { return first[s * record_size]; }), true};
  }

  void sum_up_records(std::size_t i, Scalar* to) const {
    const JoinedPart& part = Join::all.parts[i];
    const std::size_t begin = record_begins[i] + (part.joining == Joining::weighted_mean ? 1 : 0);
    const auto shard = [&](Branch branch) {
      return branch.count == 1 ? records_.data() + branch.first * record_size + begin : nullptr;
    };
    add_up(shard, to, {0, count_of(part)}, scale_of(i));
  }

  template <class NumbersOf>
  static void add_up(const NumbersOf& numbers_of, Scalar* to, RankSlice slice, Scale scale) {
    if (scale.divides && scale.number == 0) {
      std::fill_n(to, slice.count(), Scalar{0});
    } else {
      BranchSum<Scalar>(numbers_of).run(to, {0, Shards}, slice.begin, slice.end, scale.number, scale.divides);
    }
  }

  void sum_up(const Team& team, std::size_t i, const typename Join::Machines& machines, Scalar* to) {
    const JoinedPart& part = Join::all.parts[i];
    const std::size_t count = count_of(part);
    add_up_branches(team, part, machines);
    exchange_branches(count);
    const RankSlice own = slice_of(ranks_.rank(), count);
    const Scale scale = scale_of(i);
    team.for_each_slice(own.count(), line, [&](std::size_t, std::size_t begin, std::size_t end) {
      const auto branch = [&](Branch of) { return numbers_of_branch(of, own); };
      add_up(branch, to + own.begin + begin, {begin, end}, scale);
    });
    if (gradients_ == RankGradients::sliced) return;
    for (std::size_t r = 0; r < ranks_.size(); ++r) ends_[r] = slice_of(r, count).end * sizeof(Scalar);
    ranks_.gather(reinterpret_cast<std::byte*>(to), ends_, sent_, received_);
  }

  /// The sums of this rank's branches: for each rank its slice of all of them, one behind the other.
  void add_up_branches(const Team& team, const JoinedPart& part, const typename Join::Machines& machines) {
    const auto shard = [&](Branch branch) {
      return branch.count == 1 ? numbers_of(*machines[branch.first], part.output) : nullptr;
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
    ranks_.exchange(sent_, received_);
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

  void append(const JoinedPart& part, const typename Join::Machines& machines, std::byte* to) {
    const auto bytes = static_cast<std::size_t>(part.bytes);
    for (std::size_t s = own().begin; s < own().end; ++s)
      std::memcpy(to + s * bytes, machines[s]->output(part.output), bytes);
    for (std::size_t r = 0; r < ranks_.size(); ++r) ends_[r] = shards_of(r).end * bytes;
    ranks_.gather(to, ends_, sent_, received_);
  }

  Ranks ranks_;
  RankGradients gradients_;
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
