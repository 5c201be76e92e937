#include "n_gram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

constexpr int bits = 8;  ///< of an id in a context or behind it

void require(bool holds, const std::string& what, const std::string& expected, long long got) {
  if (!holds)
    throw std::invalid_argument("NGram: " + what + ": expected " + expected + ", got " + std::to_string(got));
}

}  // namespace

NGram::NGram(int order, std::int32_t vocabulary, std::span<const std::int32_t> ids,
             std::span<const Stretch> training)
    : vocabulary_(vocabulary) {
  require(order >= 1 && order <= 8, "order", "1 to 8", order);
  require(vocabulary >= 1 && vocabulary <= 1 << bits, "vocabulary", "1 to 256", vocabulary);
  for (const Stretch& stretch : training) {
    require(stretch.begin <= stretch.end && stretch.end <= ids.size(), "end of a stretch",
            "at most " + std::to_string(ids.size()), static_cast<long long>(stretch.end));
    for (const std::int32_t id : ids.subspan(stretch.begin, stretch.end - stretch.begin))
      require(id >= 0 && id < vocabulary, "id", "0 to " + std::to_string(vocabulary - 1), id);
  }
  require(ids.size() <= std::numeric_limits<std::uint32_t>::max(), "ids", "fewer than 2^32",
          static_cast<long long>(ids.size()));
  lengths_.resize(static_cast<std::size_t>(order));
  lengths_.back() = counted(grams_of(ids, training, lengths_.size() - 1));
  for (std::size_t length = lengths_.size() - 1; length > 0; --length) {
    std::vector<Context> shorter = lengths_[length].grams;
    const Context without_first = (Context{1} << (bits * static_cast<int>(length))) - 1;
    for (Context& gram : shorter) gram &= without_first;
    lengths_[length - 1] = counted(std::move(shorter));
  }
  for (Length& length : lengths_) length.discount = discount_of(length);
}

NGram::Context NGram::context(std::span<const std::int32_t> before, std::size_t length) {
  Context packed = 0;
  for (const std::int32_t id : before.last(length)) packed = packed << bits | static_cast<Context>(id);
  return packed;
}

std::vector<NGram::Context> NGram::grams_of(std::span<const std::int32_t> ids,
                                            std::span<const Stretch> training, std::size_t length) {
  const auto in = [&](const Stretch& s) { return s.end - s.begin - std::min(length, s.end - s.begin); };
  std::size_t size = 0;
  for (const Stretch& stretch : training) size += in(stretch);
  std::vector<Context> grams;
  grams.reserve(size);
  for (const Stretch& stretch : training) {
    for (std::size_t i = stretch.end - in(stretch); i < stretch.end; ++i)
      grams.push_back(context(ids.first(i + 1), length + 1));
  }
  return grams;
}

NGram::Length NGram::counted(std::vector<Context> grams) {
  Length length{std::move(grams), {}, 0};
  std::ranges::sort(length.grams);
  std::size_t different = 0;
  for (std::size_t i = 0; i < length.grams.size(); ++i) {
    if (i == 0 || length.grams[i] != length.grams[i - 1]) ++different;
  }
  length.counts.reserve(different);
  for (const Context gram : length.grams) {
    const std::size_t found = length.counts.size();
    if (found > 0 && length.grams[found - 1] == gram) {
      ++length.counts.back();
    } else {
      length.grams[found] = gram;
      length.counts.push_back(1);
    }
  }
  length.grams.resize(different);
  length.grams.shrink_to_fit();
  return length;
}

/// n1 / (n1 + 2 n2), where n1 counts are 1 and n2 are 2; 1/2 where none is 1, as 0 would leave nothing to
/// what was never seen.
double NGram::discount_of(const Length& length) {
  const auto ones = static_cast<double>(std::ranges::count(length.counts, 1u));
  const auto twos = static_cast<double>(std::ranges::count(length.counts, 2u));
  return ones == 0 ? 0.5 : ones / (ones + 2 * twos);
}

double NGram::probability(std::span<const std::int32_t> before, std::int32_t next) const {
  double p = 1 / static_cast<double>(vocabulary_);
  for (std::size_t length = 0; length < lengths_.size() && length <= before.size(); ++length) {
    const auto& [grams, counts, discount] = lengths_[length];
    const Context first = context(before, length) << bits;
    const auto begin = std::ranges::lower_bound(grams, first);
    std::uint64_t sum = 0, times = 0, different = 0;
    for (auto gram = begin; gram != grams.end() && *gram >> bits == first >> bits; ++gram, ++different) {
      const std::uint32_t count = counts[static_cast<std::size_t>(gram - grams.begin())];
      sum += count;
      if (*gram == (first | static_cast<Context>(next))) times = count;
    }
    if (different == 0) break;
    const double kept = times == 0 ? 0 : static_cast<double>(times) - discount;
    p = kept / static_cast<double>(sum) +
        discount * static_cast<double>(different) / static_cast<double>(sum) * p;
  }
  return p;
}

TextLoss NGram::loss(std::span<const std::int32_t> ids, std::span<const Stretch> stretches) const {
  TextLoss loss;
  for (const Stretch& stretch : stretches) {
    for (std::size_t i = std::max<std::size_t>(stretch.begin, 1); i < stretch.end; ++i) {
      loss.mean -= std::log(probability(ids.first(i), ids[i]));
      ++loss.characters;
    }
  }
  if (loss.characters > 0) loss.mean /= static_cast<double>(loss.characters);
  return loss;
}
