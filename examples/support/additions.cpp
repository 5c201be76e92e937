#include "additions.hpp"

#include <ctgrad/io/quoted.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
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

/// The number from 0 to `most` that a text is, but for spaces around it; -1 if it is none.
std::int32_t number_of(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  if (begin == std::string_view::npos) return -1;
  text = text.substr(begin, last + 1 - begin);
  std::uint32_t number = 0;  // from_chars takes no sign for an unsigned one
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && stop == text.data() + text.size();
  return whole && number <= static_cast<std::uint32_t>(most) ? static_cast<std::int32_t>(number) : -1;
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

std::string normalized(std::string_view typed) {
  const std::size_t plus = typed.find('+');
  const std::int32_t left = number_of(typed.substr(0, plus));
  const std::int32_t right = plus == std::string_view::npos ? -1 : number_of(typed.substr(plus + 1));
  if (left < 0 || right < 0) {
    throw std::invalid_argument("text: expected two numbers from 0 to " + std::to_string(most) +
                                " and a + between them, got " + ctgrad::io::in_quotes(typed));
  }
  return addition(left, right).source;
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
