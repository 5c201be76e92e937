#include "../../examples/support/additions.hpp"

#include "../../examples/support/pair_batches.hpp"
#include "../../examples/support/written.hpp"

#include <support/catch.hpp>

#include <cstdio>
#include <set>
#include <string>
#include <utility>
#include <vector>

using ctgrad::Seed;
using Ids = std::vector<std::int32_t>;
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

TEST_CASE("what a person types is read as two numbers, however spaced, or refused", "[additions]") {
  CHECK(additions::normalized("47+85") == "47+85");
  CHECK(additions::normalized(" 7 +  05 ") == "7+5");
  CHECK(additions::normalized("0+99") == "0+99");
  for (const std::string typed : {"", "47", "+", "47+", "+85", "100+1", "1+100", "-1+2", "1+-2", "4 7+8",
                                  "1+2+3", "1+2x", "4\xD9\xA7+1", "99999999999+1"}) {
    CHECK_THROWS_WITH(additions::normalized(typed),
                      "text: expected two numbers from 0 to 99 and a + between them, got '" + typed + "'");
  }
}

TEST_CASE("a text becomes ids, and ids a text up to an end", "[alphabet]") {
  const Alphabet alphabet("+0123456789");
  CHECK(alphabet.vocabulary() == 13);
  CHECK(alphabet.encode("4+9", 6) == Ids{7, 2, 12});
  CHECK(alphabet.decode(Ids{7, 2, 12}) == "4+9");
  CHECK(alphabet.decode(Ids{1, 3, 0, 4}) == "^0");
  CHECK(alphabet.decode(alphabet.encode("12+345", 6)) == "12+345");
}

TEST_CASE("a text that the alphabet cannot write is refused, naming the position", "[alphabet]") {
  const Alphabet alphabet("+0123456789");
  CHECK_THROWS_WITH(alphabet.encode("4x9", 6), "text: character 2: expected one of '+0123456789', got 'x'");
  CHECK_THROWS_WITH(alphabet.encode("4\xC3\xA9", 6),
                    "text: character 2: expected one of '+0123456789', got byte 0xC3");
  CHECK_THROWS_WITH(alphabet.encode("", 6), "text: expected 1 to 6 characters, got 0");
  CHECK_THROWS_WITH(alphabet.encode("123+456", 6), "text: expected 1 to 6 characters, got 7");
}

TEST_CASE("any prediction is read again by the decoder that wrote it", "[alphabet]") {
  using Letters = std::vector<std::string>;
  const Alphabet alphabet("0123456789");
  const auto check = [&](const std::string& prediction, const Ids& inputs, const Letters& written,
                         const Letters& before) {
    CAPTURE(prediction);
    const Written found = written_of(alphabet, prediction, 4);
    CHECK(found.inputs == inputs);
    CHECK(found.written == written);
    CHECK(found.before == before);
  };
  check("13", {1, 3, 5, 0}, {"1", "3", "end"}, {"start", "1", "3"});
  check("132", {1, 3, 5, 4}, {"1", "3", "2", "end"}, {"start", "1", "3", "2"});
  check("", {1, 0, 0, 0}, {"end"}, {"start"});
  check("1320", {1, 3, 5, 4}, {"1", "3", "2", "0"}, {"start", "1", "3", "2"});
  check("^9^", {1, 1, 11, 1}, {"^", "9", "^", "end"}, {"start", "^", "9", "^"});
}

TEST_CASE("a batch holds the examples in turn, with start before and end behind a target", "[pairs]") {
  const Alphabet source(additions::source_characters), target(additions::target_characters);
  PairBatches batches(additions::example, source, target,
                      {.batch = 16, .source_length = 5, .target_length = 4}, Seed{65});
  std::uint64_t number = 0;
  for (int i = 0; i < 20; ++i) {
    const PairBatch& batch = batches.next();
    for (std::size_t row = 0; row < 16; ++row) {
      const TextPair pair = additions::example(Seed{65}, Split::training, number++);
      const auto ids = [row](const auto& array) {
        return Ids(array.data() + row * array.shape()[1], array.data() + (row + 1) * array.shape()[1]);
      };
      INFO(pair.source << ", seed 65");
      CHECK(source.decode(ids(batch.source)) == pair.source);
      CHECK(target.decode(ids(batch.targets)) == pair.target);
      CHECK(target.decode(ids(batch.inputs)) == "^" + pair.target);
      CHECK(static_cast<std::size_t>(batch.lengths(row)) == pair.source.size());
      CHECK(static_cast<std::size_t>(batch.target_lengths(row)) == pair.target.size() + 1);
    }
  }
}

TEST_CASE("unseen examples make batches of their own, whatever the batch", "[pairs]") {
  const Alphabet source(additions::source_characters), target(additions::target_characters);
  const auto sources = [&](std::size_t batch, Split split) {
    PairBatches batches(additions::example, source, target, {batch, 5, 4}, Seed{66}, split);
    Ids ids;
    for (std::size_t i = 0; i < 24 / batch; ++i) {
      const auto& next = batches.next().source;
      ids.insert(ids.end(), next.begin(), next.end());
    }
    return ids;
  };
  CHECK(sources(3, Split::unseen) == sources(8, Split::unseen));
  CHECK(sources(3, Split::unseen) != sources(3, Split::training));
}
