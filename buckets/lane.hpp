#pragma once

#include <ctgrad/buckets/bucket.hpp>
#include <ctgrad/buckets/given_sequences.hpp>
#include <ctgrad/buckets/run_names.hpp>
#include <ctgrad/runtime/pages.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

/// Where runs of a program's buckets are computed.
namespace ctgrad::buckets {

/// What a thread needs to compute runs of a program's buckets, one after the other: room for their inputs,
/// and an arena in which they take turns.
template <class Scalar, class... Arguments>
class Lane {
  using All = Inputs<Arguments...>;

 public:
  /// For up to so many sequences of so many tokens, by buckets that need no larger arena.
  Lane(Size rows, Size tokens, std::size_t arena_bytes)
      : inputs_(rows, tokens), arena_(std::max(arena_bytes, static_cast<std::size_t>(plan::alignment))) {}

  /// Pads sequences of all that are given for a run of a bucket; `first` is the place of the first one among
  /// the sequences of all runs. They must outlive the run. Throws std::out_of_range for an id that is no
  /// std::int32_t.
  template <class... Given>
  void pad(const Facts& facts, std::span<const std::size_t> sequences, std::size_t first,
           const GivenSequences& all, const void* const* whole, const Given&... given) {
    inputs_.begin(sequences, first, static_cast<std::size_t>(facts.sequences),
                  static_cast<std::size_t>(facts.tokens));
    names_.begin(sequences);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (pad_one<Arguments>(All::number_of(I), all, given, I + 1), ...);
    }(std::index_sequence_for<Given...>{});
    pointers_ = inputs_.inputs(whole);
  }

  /// Refuses ids of what was padded that are out of range.
  void check(const Facts& facts) const { facts.check(pointers_, names_); }

  /// Computes the run, and gives the arena in which its results are until the next one. Throws
  /// std::out_of_range for ids out of range.
  const std::byte* compute(const Facts& facts, runtime::CallTeam& team) {
    if (in_arena_ != &facts) facts.compute_constants(arena_.data());
    in_arena_ = &facts;
    facts.run(arena_.data(), pointers_, names_, team);
    return arena_.data();
  }

 private:
  template <class A, class Given>
  void pad_one(std::size_t number, const GivenSequences& all, const Given& given, std::size_t position) {
    if constexpr (form_of<A> == Form::tokens) {
      inputs_.pad(number, given, position);
    } else if constexpr (form_of<A> == Form::each) {
      using T = typename each_argument<A, Scalar, Given>::Type;
      inputs_.template copy<T>(number, all.elements_of<T>(given, position), position);
    } else if constexpr (form_of<A> == Form::key) {
      inputs_.fold(number, given.data());
    }
  }

  PaddedInputs<Scalar, Arguments...> inputs_;
  RunNames names_{All::list};
  const void* const* pointers_ = nullptr;
  runtime::Pages arena_;
  const Facts* in_arena_ = nullptr;  ///< the bucket whose constants lie there
};

/// Lanes for threads that compute runs of one call at once. Which lane a run has makes no difference to it.
template <class Lane>
class LanePool {
 public:
  template <class... Of>
  explicit LanePool(std::size_t count, const Of&... of) {
    for (std::size_t i = 0; i < count; ++i) lanes_.push_back(std::make_unique<Lane>(of...));
    for (const auto& lane : lanes_) free_.push_back(lane.get());
  }

  /// The one of a call that is alone.
  Lane& first() const { return *lanes_.front(); }

  /// use(lane) with one that nobody else has meanwhile; there is one for each thread.
  template <class Use>
  void with_lane(const Use& use) {
    Lane* lane = nullptr;
    {
      const std::lock_guard lock(*mutex_);
      lane = free_.back();
      free_.pop_back();
    }
    const Return back{*this, lane};
    use(*lane);
  }

 private:
  struct Return {
    LanePool& pool;
    Lane* lane;
    Return(LanePool& of, Lane* taken) : pool(of), lane(taken) {}
    Return(const Return&) = delete;
    Return& operator=(const Return&) = delete;
    ~Return() {
      const std::lock_guard lock(*pool.mutex_);
      pool.free_.push_back(lane);
    }
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Lane*> free_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

}  // namespace ctgrad::buckets
