#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ctgrad::text {

/// Which two tokens are joined into which, and how early: the table of byte-pair encoding.
class Merges {
 public:
  /// A rank that no pair has: pairs of that rank are not joined.
  static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

  struct Merge {
    std::uint32_t rank = never;  ///< pairs of a lower rank are joined first
    std::int32_t id = 0;         ///< of what they are joined into
  };

  /// An empty table with room for `pairs`.
  explicit Merges(std::size_t pairs = 0) : slots_(std::bit_ceil(2 * pairs + 2)) {}

  /// Adds a pair, which becomes the last to be joined; false, and nothing is added, if it is there already.
  /// No more pairs may be added than there is room for.
  bool add(std::int32_t left, std::int32_t right, std::int32_t joined) {
    Slot& slot = slots_[slot_of(left, right)];
    if (slot.merge.rank != never) return false;
    slot = {left, right, {count_++, joined}};
    return true;
  }

  /// How a pair is joined; its rank is `never` where it is not.
  Merge find(std::int32_t left, std::int32_t right) const { return slots_[slot_of(left, right)].merge; }

  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::int32_t left = 0, right = 0;
    Merge merge;
  };

  std::size_t slot_of(std::int32_t left, std::int32_t right) const {
    const std::uint64_t pair =
        (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) | static_cast<std::uint32_t>(right);
    const std::uint64_t mixed = (pair ^ (pair >> 29)) * 0xBF58476D1CE4E5B9u;
    std::size_t i = (mixed >> 20) & (slots_.size() - 1);
    while (slots_[i].merge.rank != never && (slots_[i].left != left || slots_[i].right != right)) {
      i = (i + 1) & (slots_.size() - 1);
    }
    return i;
  }

  std::vector<Slot> slots_;  ///< by the pairs' hashes: open addressing, at most half full
  std::uint32_t count_ = 0;
};

/// A token within a word, and the byte that it begins at.
struct Piece {
  std::int32_t id = 0;
  std::uint32_t begin = 0;
};

/// Joins the pieces of a word: again and again the pair of neighbours of the lowest rank, the leftmost of
/// several, until none has one (Sennrich et al., "Neural Machine Translation of Rare Words with Subword
/// Units", 2016). Gives how many are left, at the front of `pieces`.
///
/// This form looks at all pairs again for every join: best for words of a few dozen bytes, which nearly all
/// are.
inline std::size_t join_by_looking(std::span<Piece> pieces, std::span<Merges::Merge> pairs,
                                   const Merges& merges) {
  std::size_t count = pieces.size();
  for (std::size_t i = 0; i + 1 < count; ++i) pairs[i] = merges.find(pieces[i].id, pieces[i + 1].id);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < count; ++i) {
      if (pairs[i].rank < pairs[best].rank) best = i;
    }
    if (pairs[best].rank == Merges::never) break;
    pieces[best].id = pairs[best].id;
    --count;
    for (std::size_t i = best + 1; i < count; ++i) pieces[i] = pieces[i + 1];
    for (std::size_t i = best + 1; i + 1 < count; ++i) pairs[i] = pairs[i + 1];
    if (best > 0) pairs[best - 1] = merges.find(pieces[best - 1].id, pieces[best].id);
    if (best + 1 < count) pairs[best] = merges.find(pieces[best].id, pieces[best + 1].id);
  }
  return count;
}

/// Does what `join_by_looking` does with a queue of pairs, in time n log n: for words of any length.
class QueuedJoin {
 public:
  std::size_t operator()(std::span<Piece> pieces, const Merges& merges) {
    links_.resize(pieces.size());
    queue_.clear();
    for (std::uint32_t i = 0; i < pieces.size(); ++i) links_[i] = {i == 0 ? end : i - 1, i + 1};
    if (!links_.empty()) links_.back().next = end;
    for (std::uint32_t i = 0; i + 1 < pieces.size(); ++i) push(pieces, merges, i);
    while (!queue_.empty()) {
      std::ranges::pop_heap(queue_, later);
      const Pair pair = queue_.back();
      queue_.pop_back();
      const std::uint32_t right = links_[pair.left].next;
      // A pair of which a part has been joined with another meanwhile is no pair any more.
      if (right == end || pieces[pair.left].id != pair.left_id || pieces[right].id != pair.right_id) continue;
      pieces[pair.left].id = pair.merge.id;
      pieces[right].id = gone;
      links_[pair.left].next = links_[right].next;
      if (links_[right].next != end) links_[links_[right].next].before = pair.left;
      if (links_[pair.left].before != end) push(pieces, merges, links_[pair.left].before);
      if (links_[pair.left].next != end) push(pieces, merges, pair.left);
    }
    const auto left_over = std::ranges::remove(pieces, gone, &Piece::id);
    return pieces.size() - left_over.size();
  }

 private:
  static constexpr std::uint32_t end = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int32_t gone = -1;

  struct Link {
    std::uint32_t before, next;
  };

  struct Pair {
    Merges::Merge merge;
    std::uint32_t left;  ///< the place of its left piece
    std::int32_t left_id, right_id;
  };

  static bool later(const Pair& one, const Pair& other) {
    return one.merge.rank != other.merge.rank ? one.merge.rank > other.merge.rank : one.left > other.left;
  }

  void push(std::span<const Piece> pieces, const Merges& merges, std::uint32_t left) {
    const std::int32_t left_id = pieces[left].id, right_id = pieces[links_[left].next].id;
    const Merges::Merge merge = merges.find(left_id, right_id);
    if (merge.rank == Merges::never) return;
    queue_.push_back({merge, left, left_id, right_id});
    std::ranges::push_heap(queue_, later);
  }

  std::vector<Link> links_;
  std::vector<Pair> queue_;  ///< a heap, the lowest rank first
};

}  // namespace ctgrad::text
