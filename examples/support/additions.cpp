#include "additions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace additions {
namespace {

struct Pair {
  std::int32_t left, right;
};

/// Of a pair in this order.
std::uint32_t hash(std::int32_t left, std::int32_t right) {
  return ctgrad::philox4x32({static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right), 0, 0},
                            {0x2B2B2B2B, 0})[0];
}

/// All additions: those that training shows, and the others in the order of their hashes.
struct AllAdditions {
  std::vector<Pair> training, unseen;
};

const AllAdditions& all_additions() {
  static const AllAdditions all = [] {
    AllAdditions sorted;
    for (std::int32_t left = 0; left <= most; ++left) {
      for (std::int32_t right = 0; right <= most; ++right)
        (is_unseen(left, right) ? sorted.unseen : sorted.training).push_back({left, right});
    }
    std::ranges::stable_sort(sorted.unseen, {}, [](const Pair& pair) { return hash(pair.left, pair.right); });
    return sorted;
  }();
  return all;
}

}  // namespace

TextPair addition(std::int32_t left, std::int32_t right) {
  return {std::to_string(left) + "+" + std::to_string(right), std::to_string(left + right)};
}

bool is_unseen(std::int32_t left, std::int32_t right) {
  return hash(std::min(left, right), std::max(left, right)) < 0xFFFFFFFF / 5;
}

std::size_t unseen_count() { return all_additions().unseen.size(); }

TextPair example(ctgrad::Seed seed, Split split, std::uint64_t number) {
  constexpr std::uint64_t streams = std::uint64_t{0x6164} << 48;  // that nothing else draws from
  const auto& [training, unseen] = all_additions();
  ctgrad::Random random(seed, streams | number);
  const Pair& pair = split == Split::unseen
                         ? unseen[number % unseen.size()]
                         : training[random.below(static_cast<std::uint32_t>(training.size()))];
  return addition(pair.left, pair.right);
}

}  // namespace additions
