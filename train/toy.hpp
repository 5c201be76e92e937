#pragma once

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/runtime/random.hpp>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Toy tasks on sequences of tokens, as endless seeded generators, with sequences that training never shows.
namespace ctgrad::toy {

/// What the target is: the sequence itself, the sequence backwards, or its tokens in ascending order.
enum class Task { copy, reverse, sort };

/// The task of that name. Throws std::invalid_argument, listing the names, if there is none.
inline Task parse_task(std::string_view name) {
  if (name == "copy") return Task::copy;
  if (name == "reverse") return Task::reverse;
  if (name == "sort") return Task::sort;
  throw std::invalid_argument("task: expected copy, reverse or sort, got " + io::in_quotes(name));
}

/// Writes the target of `ids`, [length], to `targets`, [length], which may be the place of the ids. Throws
/// std::invalid_argument for targets of another length.
inline void solve(Task task, std::span<const std::int32_t> ids, std::span<std::int32_t> targets) {
  if (targets.size() != ids.size()) {
    throw std::invalid_argument("toy: targets: expected " + std::to_string(ids.size()) + " tokens, got " +
                                std::to_string(targets.size()));
  }
  if (targets.data() != ids.data()) std::ranges::copy(ids, targets.begin());
  if (task == Task::reverse) std::ranges::reverse(targets);
  if (task == Task::sort) std::ranges::sort(targets);
}

/// Throws std::invalid_argument, naming what does not fit.
template <class Got>
void refuse(const std::string& what, const std::string& expected, Got got) {
  throw std::invalid_argument("toy sequences: " + what + ": expected " + expected + ", got " +
                              std::to_string(got));
}

/// The sequences over {0, ..., vocabulary-1} of one length that are kept for evaluation: a pure function of
/// the sequence, so that what training draws and what evaluation draws cannot meet, whatever the seeds.
///
/// They are the sequences whose hash is below a limit: a sixteenth of all hashes; where there are at most
/// 4096 sequences, the least limit that keeps a sixteenth of these, rounded up. So both sides have members,
/// always.
class HeldOut {
 public:
  /// Throws std::invalid_argument unless vocabulary is positive and there are at least two sequences.
  HeldOut(std::int32_t vocabulary, std::size_t length) : vocabulary_(vocabulary), length_(length) {
    constexpr std::size_t few = 4096;
    if (vocabulary < 1) refuse("vocabulary", "at least 1", vocabulary);
    if (vocabulary == 1 || length == 0) refuse("vocabulary to the power of length", "at least 2", 1);
    std::size_t count = 1;
    for (std::size_t i = 0; i < length && count <= few; ++i) count *= static_cast<std::size_t>(vocabulary);
    if (count <= few) limit_ = limit_of(count, vocabulary, length);
  }

  /// Throws std::invalid_argument for a sequence of another length, or with a token that is none.
  bool contains(std::span<const std::int32_t> sequence) const {
    if (sequence.size() != length_) refuse("sequence", std::to_string(length_) + " tokens", sequence.size());
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      if (sequence[i] < 0 || sequence[i] >= vocabulary_) {
        refuse("sequence[" + std::to_string(i) + "]", "a token in [0, " + std::to_string(vocabulary_) + ")",
               sequence[i]);
      }
    }
    return hash(sequence) < limit_;
  }

 private:
  /// A chain of Philox blocks, four tokens at a time, keyed by the length.
  static std::uint64_t hash(std::span<const std::int32_t> sequence) {
    std::array<std::uint32_t, 4> state{};
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      state[i % 4] ^= static_cast<std::uint32_t>(sequence[i]);
      if (i % 4 == 3 || i + 1 == sequence.size()) {
        state = philox4x32(state, {static_cast<std::uint32_t>(sequence.size()), 0x746F79});
      }
    }
    return state[0] | (std::uint64_t{state[1]} << 32);
  }

  /// One more than the hash of rank ceil(count/16) among all sequences.
  static std::uint64_t limit_of(std::size_t count, std::int32_t vocabulary, std::size_t length) {
    std::vector<std::uint64_t> hashes;
    std::vector<std::int32_t> sequence(length, 0);
    for (std::size_t number = 0; number < count; ++number) {
      std::size_t rest = number;
      for (std::int32_t& token : sequence) {
        token = static_cast<std::int32_t>(rest % static_cast<std::size_t>(vocabulary));
        rest /= static_cast<std::size_t>(vocabulary);
      }
      hashes.push_back(hash(sequence));
    }
    std::ranges::sort(hashes);
    return hashes[(count + 15) / 16 - 1] + 1;
  }

  std::int32_t vocabulary_;
  std::size_t length_;
  std::uint64_t limit_ = std::uint64_t{1} << 60;
};

/// Which of the two disjoint sets of sequences to draw from.
enum class Split { training, evaluation };

struct Sizes {
  std::int32_t vocabulary;  ///< tokens are 0, ..., vocabulary-1
  std::size_t length;       ///< tokens a sequence
  std::size_t batch;        ///< sequences a batch
};

/// Sequences and their targets, both [batch, length].
struct Batch {
  xt::xtensor<std::int32_t, 2> ids;
  xt::xtensor<std::int32_t, 2> targets;
};

/// An endless generator of batches:
///
///     for (const auto& [ids, targets] : toy::Sequences(toy::Task::reverse, {.vocabulary = 16, .length = 12,
///     .batch = 32},
///                                                      Seed{1})) ...
///
/// Sequence number n is a pure function of (seed, split, vocabulary, length, n), uniform over its split: the
/// batch size only decides how many come at a time. There are 2^40 of them.
class Sequences {
 public:
  /// Throws std::invalid_argument as HeldOut does, and for a batch of none or of more than memory can hold.
  Sequences(Task task, Sizes sizes, Seed seed, Split split = Split::training)
      : task_(task), sizes_(sizes), seed_(seed), split_(split), held_out_(sizes.vocabulary, sizes.length) {
    const std::size_t most = std::vector<std::int32_t>().max_size() / sizes.length;
    if (sizes.batch < 1) refuse("batch", "at least 1", sizes.batch);
    if (sizes.batch > most) refuse("batch", "at most " + std::to_string(most), sizes.batch);
    batch_.ids = xt::xtensor<std::int32_t, 2>::from_shape({sizes.batch, sizes.length});
    batch_.targets = xt::xtensor<std::int32_t, 2>::from_shape({sizes.batch, sizes.length});
  }

  /// Draws the next batch, into the place of the one before; allocates nothing. Throws std::invalid_argument
  /// when there is none left.
  const Batch& next() {
    require_left(1);
    for (std::size_t row = 0; row < sizes_.batch; ++row) {
      const std::span<std::int32_t> ids(batch_.ids.data() + row * sizes_.length, sizes_.length);
      draw(ids);
      solve(task_, ids, {batch_.targets.data() + row * sizes_.length, sizes_.length});
    }
    return batch_;
  }

  /// Passes over so many batches, as if they had been drawn. Throws std::invalid_argument for more than there
  /// are left, and has then passed over none.
  void skip(std::uint64_t batches) {
    require_left(batches);
    drawn_ += batches * sizes_.batch;
  }

  /// An input iterator over the batches to come; reaching one draws it.
  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit Iterator(Sequences& sequences) : sequences_(&sequences) { sequences.next(); }
    const Batch& operator*() const { return sequences_->batch_; }
    Iterator& operator++() {
      sequences_->next();
      return *this;
    }
    void operator++(int) { ++*this; }

   private:
    Sequences* sequences_;
  };

  Iterator begin() { return Iterator(*this); }
  std::unreachable_sentinel_t end() const { return {}; }

 private:
  static constexpr std::uint64_t total = std::uint64_t{1} << 40;

  void require_left(std::uint64_t batches) const {
    const std::uint64_t left = (total - drawn_) / sizes_.batch;
    if (batches > left) refuse("skip", "at most " + std::to_string(left) + " batches", batches);
  }

  void draw(std::span<std::int32_t> ids) {
    constexpr std::uint64_t toys = std::uint64_t{0x746F79} << 40;  // streams that nothing else draws from
    Random random(seed_, toys | drawn_++);
    do {
      for (std::int32_t& id : ids) {
        id = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(sizes_.vocabulary)));
      }
    } while (held_out_.contains(ids) != (split_ == Split::evaluation));
  }

  Task task_;
  Sizes sizes_;
  Seed seed_;
  Split split_;
  HeldOut held_out_;
  Batch batch_;
  std::uint64_t drawn_ = 0;
};

}  // namespace ctgrad::toy
