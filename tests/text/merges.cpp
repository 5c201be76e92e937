#include <ctgrad/text/byte_alphabet.hpp>
#include <ctgrad/text/merges.hpp>

#include <support/catch.hpp>

#include <random>
#include <set>
#include <string>

using namespace ctgrad::text;

namespace {

/// Random merges of the tokens 0 to 3 and what they are joined into. Ids stand for texts, so that two merges
/// may have one result, as in vocabularies.
struct RandomMerges {
  explicit RandomMerges(std::mt19937_64& random) : merges(60), texts{"a", "b", "c", "d"} {
    for (int i = 0; i < 60; ++i) {
      const std::size_t left = random() % texts.size(), right = random() % texts.size();
      const std::string joined = texts[left] + texts[right];
      const auto known = std::ranges::find(texts, joined);
      const auto id = static_cast<std::int32_t>(known - texts.begin());
      if (joined.size() > 12 ||
          !merges.add(static_cast<std::int32_t>(left), static_cast<std::int32_t>(right), id))
        continue;
      if (known == texts.end()) texts.push_back(joined);
    }
  }

  Merges merges;
  std::vector<std::string> texts;
};

std::vector<Piece> bytes_of_word(std::mt19937_64& random, std::size_t size) {
  std::vector<Piece> pieces;
  const std::size_t letters = 1 + random() % 4;
  for (std::uint32_t i = 0; i < size; ++i)
    pieces.push_back({static_cast<std::int32_t>(random() % letters), i});
  return pieces;
}

std::vector<std::pair<std::int32_t, std::uint32_t>> listed(const std::vector<Piece>& pieces,
                                                           std::size_t count) {
  std::vector<std::pair<std::int32_t, std::uint32_t>> list;
  for (std::size_t i = 0; i < count; ++i) list.emplace_back(pieces[i].id, pieces[i].begin);
  return list;
}

}  // namespace

TEST_CASE("joining by a queue is joining the first of the lowest pairs, again and again", "[merges]") {
  std::mt19937_64 random(ctgrad::test::seed());
  QueuedJoin queued;
  std::size_t joined = 0;
  for (int i = 0; i < 3000; ++i) {
    const RandomMerges rules(random);
    std::vector<Piece> looked = bytes_of_word(random, random() % 60);
    std::vector<Piece> queue = looked;
    std::vector<Merges::Merge> pairs(looked.size());
    const std::size_t size = looked.size();
    const std::size_t by_looking = join_by_looking(looked, pairs, rules.merges);
    const std::size_t by_queue = queued(queue, rules.merges);
    REQUIRE(listed(looked, by_looking) == listed(queue, by_queue));
    joined += size - by_looking;
  }
  CHECK(joined > 10000);
}

TEST_CASE("a word of one letter a million times is joined in no time", "[merges]") {
  Merges merges(20);
  for (std::int32_t i = 0; i < 20; ++i) CHECK(merges.add(i, i, i + 1));
  std::vector<Piece> pieces;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) pieces.push_back({0, i});
  QueuedJoin join;
  const std::size_t count = join(pieces, merges);  // a million is 0b11110100001001000000
  CHECK(listed(pieces, count) ==
        std::vector<std::pair<std::int32_t, std::uint32_t>>{
            {19, 0}, {18, 524288}, {17, 786432}, {16, 917504}, {14, 983040}, {9, 999424}, {6, 999936}});
}

TEST_CASE("a pair is kept as it was added first", "[merges]") {
  Merges merges(2);
  CHECK(merges.add(1, 2, 3));
  CHECK_FALSE(merges.add(1, 2, 4));
  CHECK(merges.add(2, 1, 5));
  CHECK(merges.find(1, 2).id == 3);
  CHECK(merges.find(2, 1).rank == 1);
  CHECK(merges.find(1, 1).rank == Merges::never);
  CHECK(merges.size() == 2);
}

TEST_CASE("each byte is spelled by a character of its own, which can be seen", "[byte_alphabet]") {
  std::set<char32_t> characters(byte_characters.begin(), byte_characters.end());
  CHECK(characters.size() == 256);
  CHECK(byte_characters[' '] == 0x120);
  CHECK(byte_characters['a'] == 'a');
  CHECK(byte_characters[0xAD] == 0x143);
  CHECK(bytes_spelled("ĠcafÃ©Ċ") == " caf\xC3\xA9\n");
  CHECK(bytes_spelled("") == "");
  CHECK_FALSE(bytes_spelled("a b"));
  CHECK_FALSE(bytes_spelled("日"));
}
