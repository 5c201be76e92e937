#include "n_gram.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace {

constexpr int bits = 8;  ///< of an id in a context

void require(bool holds, const std::string& what, const std::string& expected, long long got) {
  if (!holds)
    throw std::invalid_argument("NGram: " + what + ": expected " + expected + ", got " + std::to_string(got));
}

}  // namespace

NGram::NGram(int order, std::int32_t kinds, std::span<const std::int32_t> ids,
             std::span<const Stretch> training)
    : kinds_(kinds) {
  require(order >= 1 && order <= 8, "order", "1 to 8", order);
  require(kinds >= 1 && kinds <= 1 << bits, "kinds", "1 to 256", kinds);
  for (const Stretch& stretch : training) {
    require(stretch.begin <= stretch.end && stretch.end <= ids.size(), "end of a stretch",
            "at most " + std::to_string(ids.size()), static_cast<long long>(stretch.end));
    for (const std::int32_t id : ids.subspan(stretch.begin, stretch.end - stretch.begin))
      require(id >= 0 && id < kinds, "id", "0 to " + std::to_string(kinds - 1), id);
  }
  lengths_.resize(static_cast<std::size_t>(order));
  count_text(ids, training);
  count_continuations();
  for (Length& length : lengths_) length.discount = discount_of(length);
}

NGram::Context NGram::context(std::span<const std::int32_t> before, std::size_t length) {
  Context packed = 0;
  for (const std::int32_t id : before.last(length)) packed = packed << bits | static_cast<Context>(id);
  return packed;
}

void NGram::count_text(std::span<const std::int32_t> ids, std::span<const Stretch> training) {
  const std::size_t longest = lengths_.size() - 1;
  for (const Stretch& stretch : training) {
    for (std::size_t i = stretch.begin + longest; i < stretch.end; ++i)
      lengths_[longest].contexts[context(ids.first(i), longest)].add(ids[i], 1);
  }
}

void NGram::count_continuations() {
  for (std::size_t length = lengths_.size() - 1; length > 0; --length) {
    const Context without_first = (Context{1} << (bits * static_cast<int>(length - 1))) - 1;
    for (const auto& [longer, followers] : lengths_[length].contexts) {
      Followers& shorter = lengths_[length - 1].contexts[longer & without_first];
      for (const auto& [id, times] : followers.counts) shorter.add(id, 1);
    }
  }
}

/// n1 / (n1 + 2 n2), where n1 counts are 1 and n2 are 2; 1/2 where none is 1, as 0 would leave nothing to
/// what was never seen.
double NGram::discount_of(const Length& length) {
  double ones = 0, twos = 0;
  for (const auto& [context, followers] : length.contexts) {
    for (const auto& [id, times] : followers.counts) {
      ones += times == 1 ? 1 : 0;
      twos += times == 2 ? 1 : 0;
    }
  }
  return ones == 0 ? 0.5 : ones / (ones + 2 * twos);
}

double NGram::probability(std::span<const std::int32_t> before, std::int32_t next) const {
  double p = 1 / static_cast<double>(kinds_);
  for (std::size_t length = 0; length < lengths_.size() && length <= before.size(); ++length) {
    const auto found = lengths_[length].contexts.find(context(before, length));
    if (found == lengths_[length].contexts.end()) break;
    const Followers& followers = found->second;
    const double discount = lengths_[length].discount, sum = static_cast<double>(followers.sum);
    const auto times = followers.counts.find(next);
    const double kept = times == followers.counts.end() ? 0 : static_cast<double>(times->second) - discount;
    p = kept / sum + discount * static_cast<double>(followers.counts.size()) / sum * p;
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
