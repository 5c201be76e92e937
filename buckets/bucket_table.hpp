#pragma once

#include <ctgrad/buckets/bucket.hpp>
#include <ctgrad/buckets/lengths.hpp>
#include <ctgrad/runtime/team.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ctgrad::buckets {

/// How often a bucket has been run, and for what.
struct Use {
  std::size_t runs = 0;
  std::size_t sequences = 0;
  std::size_t tokens = 0;  ///< of all arguments of sequences
};

/// All buckets of a program, by the number of their length and of their batch.
template <class Program>
class BucketTable {
  using LengthList = typename Program::AllLengths;
  using BatchList = typename Program::AllBatches;

 public:
  template <class T>
  using ByBucket = std::array<std::array<T, BatchList::count>, LengthList::count>;

  BucketTable() {
    for (std::size_t length = 0; length < LengthList::count; ++length) {
      for (std::size_t batch = 0; batch < BatchList::count; ++batch) {
        const Facts& facts = *facts_[length][batch];
        costs_[length][batch] = facts.cost();
        arena_bytes_ = std::max(arena_bytes_, static_cast<std::size_t>(facts.arena_bytes));
        scratch_ = std::max(scratch_, facts.scratch);
        is_shared_ = is_shared_ || facts.is_shared;
      }
    }
  }

  const Facts& facts(std::size_t length, std::size_t batch) const { return *facts_[length][batch]; }
  /// What a run of each costs.
  const ByBucket<double>& costs() const { return costs_; }
  /// The bytes of an arena that each fits into.
  std::size_t arena_bytes() const { return arena_bytes_; }

  /// What is needed to share the calls of any of them with a team; nobody, where that pays for none.
  runtime::CallTeam call_team(Team team) const {
    return is_shared_ ? runtime::CallTeam(std::move(team), scratch_) : runtime::CallTeam();
  }

 private:
  static ByBucket<const Facts*> all() {
    return []<std::size_t... L>(std::index_sequence<L...>) {
      return ByBucket<const Facts*>{of_length<LengthList::numbers[L]>()...};
    }(std::make_index_sequence<LengthList::count>{});
  }
  template <Size Length>
  static std::array<const Facts*, BatchList::count> of_length() {
    return []<std::size_t... B>(std::index_sequence<B...>) {
      return std::array{&Bucket<Program, Length, BatchList::numbers[B]>::facts()...};
    }(std::make_index_sequence<BatchList::count>{});
  }

  ByBucket<const Facts*> facts_ = all();
  ByBucket<double> costs_{};
  std::size_t arena_bytes_ = 0;
  std::size_t scratch_ = 0;
  bool is_shared_ = false;
};

}  // namespace ctgrad::buckets
