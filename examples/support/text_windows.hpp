#pragma once

#include "text.hpp"

#include <ctgrad/runtime/random.hpp>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <algorithm>
#include <stdexcept>

/// Windows of a text, for models of the next character.

struct WindowSizes {
  std::size_t length;  ///< characters that a model sees at once
  std::size_t batch;   ///< windows a batch
};

/// Windows and what follows each of their characters, all [batch, length]. Weights are 1 where a character
/// counts and 0 where it does not.
struct WindowBatch {
  explicit WindowBatch(WindowSizes sizes)
      : ids(xt::xtensor<std::int32_t, 2>::from_shape({sizes.batch, sizes.length})),
        targets(ids),
        weights(xt::xtensor<float, 2>::from_shape({sizes.batch, sizes.length})) {
    ids.fill(0);
    targets.fill(0);
    weights.fill(0);
  }

  /// Makes window `row` that of text[begin] and on.
  void set(std::size_t row, std::span<const std::int32_t> text, std::size_t begin) {
    const std::size_t length = ids.shape()[1];
    std::ranges::copy(text.subspan(begin, length), ids.data() + row * length);
    std::ranges::copy(text.subspan(begin + 1, length), targets.data() + row * length);
  }

  xt::xtensor<std::int32_t, 2> ids;
  xt::xtensor<std::int32_t, 2> targets;
  xt::xtensor<float, 2> weights;
};

/// An endless generator of batches of random windows: window number n is a pure function of (seed, n), drawn
/// uniformly among those that lie, with what follows them, in one of the stretches. Nothing else of the text
/// is read.
class RandomWindows {
 public:
  /// `text` must outlive this object. Throws std::invalid_argument where no stretch holds a window.
  RandomWindows(std::span<const std::int32_t> text, std::vector<Stretch> stretches, WindowSizes sizes,
                ctgrad::Seed seed)
      : text_(text), stretches_(std::move(stretches)), sizes_(sizes), seed_(seed), batch_(sizes) {
    std::erase_if(stretches_, [&](const Stretch& s) { return s.end - s.begin <= sizes.length; });
    for (const Stretch& stretch : stretches_) count_ += stretch.end - stretch.begin - sizes.length;
    if (count_ == 0) {
      throw std::invalid_argument("RandomWindows: stretches: expected one of more than " +
                                  std::to_string(sizes.length) + " characters, got none");
    }
    batch_.weights.fill(1);
  }

  /// How many different windows there are.
  std::size_t count() const { return count_; }

  /// Where window number `number` begins.
  std::size_t begin_of(std::uint64_t number) const {
    constexpr std::uint64_t windows = std::uint64_t{0x77696E} << 40;  // streams that nothing else draws from
    ctgrad::Random random(seed_, windows | number);
    std::size_t drawn = random.below(static_cast<std::uint32_t>(count_));
    auto stretch = stretches_.begin();
    for (; drawn >= stretch->end - stretch->begin - sizes_.length; ++stretch)
      drawn -= stretch->end - stretch->begin - sizes_.length;
    return stretch->begin + drawn;
  }

  /// Draws the next batch, into the place of the one before.
  const WindowBatch& next() {
    for (std::size_t row = 0; row < sizes_.batch; ++row) batch_.set(row, text_, begin_of(drawn_++));
    return batch_;
  }

 private:
  std::span<const std::int32_t> text_;
  std::vector<Stretch> stretches_;
  WindowSizes sizes_;
  ctgrad::Seed seed_;
  WindowBatch batch_;
  std::size_t count_ = 0;
  std::uint64_t drawn_ = 0;
};

/// The mean loss over all characters of the stretches but the text's first, each predicted once and as if it
/// were unknown, from what is before it in the text: at least `length` - `fresh` + 1 characters, or all there
/// are, and at most `length`. `score(batch)` gives the mean over a batch, by weights.
///
/// A window's last `fresh` characters count; those before them are only looked at. Throws
/// std::invalid_argument where the text has no `length` + 1 characters.
template <class Score>
TextLoss window_loss(std::span<const std::int32_t> text, std::span<const Stretch> stretches,
                     WindowSizes sizes, std::size_t fresh, Score score) {
  if (text.size() <= sizes.length) {
    throw std::invalid_argument("window_loss: text: expected more than " + std::to_string(sizes.length) +
                                " characters, got " + std::to_string(text.size()));
  }
  TextLoss loss;
  WindowBatch batch(sizes);
  std::size_t rows = 0, counted = 0;
  const auto close = [&] {
    if (counted > 0) loss.mean += static_cast<double>(score(batch)) * static_cast<double>(counted);
    loss.characters += counted;
    rows = counted = 0;
    batch.weights.fill(0);
  };
  for (const Stretch& stretch : stretches) {
    for (std::size_t first = std::max<std::size_t>(stretch.begin, 1); first < stretch.end; first += fresh) {
      const std::size_t last = std::min(first + fresh, stretch.end);  // behind what counts
      const std::size_t begin = std::max(last, sizes.length + 1) - sizes.length - 1;
      batch.set(rows, text, begin);
      float* weights = batch.weights.data() + rows * sizes.length;
      std::fill(weights + (first - begin - 1), weights + (last - begin - 1), 1.0f);
      counted += last - first;
      if (++rows == sizes.batch) close();
    }
  }
  close();
  if (loss.characters > 0) loss.mean /= static_cast<double>(loss.characters);
  return loss;
}
