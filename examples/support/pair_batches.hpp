#pragma once

#include "alphabet.hpp"
#include "text_pair.hpp"

#include <ctgrad/runtime/random.hpp>
#include <ctgrad/runtime/xtensor.hpp>

#include <algorithm>
#include <vector>

/// Pairs of texts as an encoder-decoder takes them, by the character.
struct PairBatch {
  xt::xtensor<std::int32_t, 2> source;          ///< [batch, source length], padded behind the texts
  xt::xtensor<std::int32_t, 1> lengths;         ///< [batch], of the sources
  xt::xtensor<std::int32_t, 2> inputs;          ///< [batch, target length]: start and the target
  xt::xtensor<std::int32_t, 2> targets;         ///< [batch, target length]: the target and an end
  xt::xtensor<std::int32_t, 1> target_lengths;  ///< [batch], the end included
};

struct PairSizes {
  std::size_t batch;          ///< pairs a batch
  std::size_t source_length;  ///< the most characters of a source
  std::size_t target_length;  ///< the most of a target, and one for its end
};

/// An endless generator of batches of a task's examples, in order.
class PairBatches {
 public:
  PairBatches(Draw draw, Alphabet source, Alphabet target, PairSizes sizes, ctgrad::Seed seed,
              Split split = Split::training)
      : draw_(draw), source_(source), target_(target), seed_(seed), split_(split), pairs_(sizes.batch) {
    batch_.source.resize({sizes.batch, sizes.source_length});
    batch_.lengths.resize({sizes.batch});
    batch_.inputs.resize({sizes.batch, sizes.target_length});
    batch_.targets.resize({sizes.batch, sizes.target_length});
    batch_.target_lengths.resize({sizes.batch});
  }

  /// Draws the next batch, into the place of the one before.
  const PairBatch& next() {
    for (std::size_t row = 0; row < pairs_.size(); ++row) {
      pairs_[row] = draw_(seed_, split_, drawn_++);
      write(row, pairs_[row]);
    }
    return batch_;
  }

  /// The texts of the last batch.
  const std::vector<TextPair>& pairs() const { return pairs_; }

 private:
  void write(std::size_t row, const TextPair& pair) {
    const std::span<std::int32_t> source = row_of(batch_.source, row), inputs = row_of(batch_.inputs, row),
                                  targets = row_of(batch_.targets, row);
    const auto source_ids = source_.encode(pair.source, source.size());
    const auto target_ids = target_.encode(pair.target, targets.size() - 1);
    for (const auto each : {source, inputs, targets}) std::ranges::fill(each, Alphabet::end);
    std::ranges::copy(source_ids, source.begin());
    inputs.front() = Alphabet::start;
    std::ranges::copy(target_ids, inputs.begin() + 1);
    std::ranges::copy(target_ids, targets.begin());
    batch_.lengths(row) = static_cast<std::int32_t>(source_ids.size());
    batch_.target_lengths(row) = static_cast<std::int32_t>(target_ids.size()) + 1;
  }

  static std::span<std::int32_t> row_of(xt::xtensor<std::int32_t, 2>& array, std::size_t row) {
    const std::size_t length = array.shape()[1];
    return {array.data() + row * length, length};
  }

  Draw draw_;
  Alphabet source_, target_;
  ctgrad::Seed seed_;
  Split split_;
  std::uint64_t drawn_ = 0;
  std::vector<TextPair> pairs_;
  PairBatch batch_;
};
