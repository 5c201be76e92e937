#include "../../examples/support/additions.hpp"

#include "../../examples/support/alphabet.hpp"

#include <support/catch.hpp>

#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <utility>

using ctgrad::Seed;
using Pair = std::pair<std::int32_t, std::int32_t>;

namespace {

/// The numbers of "47+85", read by the C library.
Pair read(const std::string& source) {
  int left = -1, right = -1, end = 0;
  CHECK(std::sscanf(source.c_str(), "%d+%d%n", &left, &right, &end) == 2);
  CHECK(static_cast<std::size_t>(end) == source.size());
  return {left, right};
}

std::set<Pair> draw(Seed seed, Split split, std::uint64_t count) {
  std::set<Pair> drawn;
  for (std::uint64_t number = 0; number < count; ++number) {
    const TextPair pair = additions::example(seed, split, number);
    const auto [left, right] = read(pair.source);
    REQUIRE(std::stoi(pair.target) == left + right);
    REQUIRE(pair.target == std::to_string(left + right));
    REQUIRE(pair.source.size() <= additions::longest_source);
    REQUIRE(pair.target.size() <= additions::longest_target);
    REQUIRE(pair.source.find_first_not_of(additions::source_characters) == std::string::npos);
    REQUIRE(pair.target.find_first_not_of(additions::target_characters) == std::string::npos);
    drawn.insert({left, right});
  }
  return drawn;
}

}  // namespace

TEST_CASE("an addition is written in plain digits", "[additions]") {
  CHECK(additions::addition(47, 85).source == "47+85");
  CHECK(additions::addition(47, 85).target == "132");
  CHECK(additions::addition(0, 0).source == "0+0");
  CHECK(additions::addition(0, 0).target == "0");
}

TEST_CASE("the splits are all additions, and a pair is unseen in both orders or in none", "[additions]") {
  const std::set<Pair> unseen = draw(Seed{61}, Split::unseen, additions::unseen_count());
  CHECK(unseen.size() == additions::unseen_count());
  CHECK(unseen.size() > 1700);
  CHECK(unseen.size() < 2300);
  for (const auto& [left, right] : unseen) CHECK(unseen.contains({right, left}));

  const std::set<Pair> trained = draw(Seed{62}, Split::training, 120000);
  CHECK(trained.size() == 10000 - unseen.size());
  for (const auto& pair : trained) CHECK_FALSE(unseen.contains(pair));
}

TEST_CASE("an addition is a function of seed, split and number", "[additions]") {
  const auto source = [](std::uint64_t seed, Split split, std::uint64_t number) {
    return additions::example(Seed{seed}, split, number).source;
  };
  CHECK(source(63, Split::training, 7) == source(63, Split::training, 7));
  CHECK(draw(Seed{63}, Split::training, 50) != draw(Seed{64}, Split::training, 50));
  CHECK(source(63, Split::unseen, 7) == source(64, Split::unseen, 7));
}

TEST_CASE("a text becomes ids with ends behind them, and ids a text", "[alphabet]") {
  const Alphabet alphabet("+0123456789");
  CHECK(alphabet.kinds() == 13);
  std::array<std::int32_t, 6> ids{};
  alphabet.encode("4+9", ids);
  CHECK(ids == std::array<std::int32_t, 6>{7, 2, 12, 0, 0, 0});
  CHECK(alphabet.decode(ids) == "4+9");
  alphabet.encode("12+345", ids);
  CHECK(alphabet.decode(ids) == "12+345");
  CHECK(alphabet.decode(std::array<std::int32_t, 3>{1, 3, 0}) == "^0");
}

TEST_CASE("a text that the alphabet cannot write is refused, naming the place", "[alphabet]") {
  const Alphabet alphabet("+0123456789");
  std::array<std::int32_t, 6> ids{9, 9, 9, 9, 9, 9};
  const auto before = ids;
  CHECK_THROWS_WITH(alphabet.encode("4x9", ids), "text: character 2: expected one of '+0123456789', got 'x'");
  CHECK_THROWS_WITH(alphabet.encode("4\xC3\xA9", ids),
                    "text: character 2: expected one of '+0123456789', got byte 0xC3");
  CHECK_THROWS_WITH(alphabet.encode("", ids), "text: expected 1 to 6 characters, got 0");
  CHECK_THROWS_WITH(alphabet.encode("123+456", ids), "text: expected 1 to 6 characters, got 7");
  CHECK(ids == before);
}
