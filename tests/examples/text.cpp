#include "../../examples/support/text.hpp"

#include <support/catch.hpp>

#include <fstream>

namespace {

Vocabulary vocabulary_of(std::string_view text, std::int32_t most_kinds = 128) {
  return Vocabulary(characters_of(text), most_kinds);
}

/// `count` blocks of `block` characters each, all of block b the b-th letter.
std::string blocks(std::size_t count, std::size_t block) {
  std::string text;
  for (std::size_t b = 0; b < count; ++b) text.append(block, static_cast<char>('a' + b));
  return text;
}

using Stretches = std::vector<Stretch>;

}  // namespace

TEST_CASE("characters are code points, of whatever number of bytes", "[text]") {
  const auto characters = characters_of("aé€\U0001D11Eb");
  REQUIRE(characters.size() == 5);
  CHECK(characters[1].bytes == "é");
  CHECK(characters[2].code == 0x20AC);
  CHECK(characters[3].bytes.size() == 4);
}

TEST_CASE("what is no UTF-8 is refused, and the first bad byte named", "[text]") {
  CHECK_THROWS_WITH(characters_of("ab\xE9 cd"), "text: byte 2: expected UTF-8, got 233");
  CHECK_THROWS_WITH(characters_of("a€\xC0\x80"), "text: byte 4: expected UTF-8, got 192");
  CHECK_THROWS_WITH(characters_of("\xE2\x82"), "text: byte 0: expected UTF-8, got 226");
}

TEST_CASE("the vocabulary is what the training part holds at least twice, in ascending order", "[text]") {
  const Vocabulary vocabulary = vocabulary_of("bébé aax a");
  CHECK(vocabulary.all() == " abé");
  CHECK(vocabulary.kinds() == 5);
  CHECK(vocabulary.id_of("a") == 2);
  CHECK(vocabulary.id_of("x") == Vocabulary::unknown);
  CHECK(vocabulary.id_of("z") == Vocabulary::unknown);
}

TEST_CASE("texts become ids and come back, but for characters that are unknown", "[text]") {
  const Vocabulary vocabulary = vocabulary_of("bébé aa a");
  const std::vector<std::int32_t> ids = vocabulary.encode("aé b?€");
  CHECK(ids == std::vector<std::int32_t>{2, 4, 1, 3, 0, 0});
  CHECK(vocabulary.decode(ids) == "aé b\uFFFD\uFFFD");
  CHECK_THROWS_AS(vocabulary.encode("\xFF"), std::invalid_argument);
  CHECK(vocabulary.decode(std::vector<std::int32_t>{4, 5, -1}) == "é\uFFFD\uFFFD");
}

TEST_CASE("of too many characters the most frequent ones stay, of equally frequent ones the lower",
          "[text]") {
  CHECK(vocabulary_of("aabbccccdd", 4).all() == "abc");
  CHECK(vocabulary_of("aabbccccdd", 2).all() == "c");
  CHECK(vocabulary_of("aabbccccdd", 5).all() == "abcd");
  CHECK_THROWS_WITH(vocabulary_of("aa", 1), "Vocabulary: most_kinds: expected at least 2, got 1");
}

TEST_CASE("of ten blocks the fifth is for validation and the tenth is held out", "[text]") {
  const Corpus corpus(blocks(12, 3), 128, 3);
  CHECK(corpus.stretches({Part::held_out}) == Stretches{{27, 30}});
  CHECK(corpus.stretches({Part::validation}) == Stretches{{12, 15}});
  CHECK(corpus.stretches({Part::fitting}) == Stretches{{0, 12}, {15, 27}, {30, 36}});
  CHECK(corpus.stretches({Part::fitting, Part::validation}) == Stretches{{0, 27}, {30, 36}});
  CHECK(corpus.part_of(14) == Part::validation);
  CHECK(corpus.part_of(15) == Part::fitting);
  CHECK(corpus.part_of(27) == Part::held_out);
}

TEST_CASE("the parts are disjoint and together the text, whose last block may be short", "[text]") {
  for (std::size_t extra = 0; extra < 25; ++extra) {
    const Corpus corpus(blocks(20, 7) + std::string(extra, 'z'), 128, 7);
    std::size_t sum = 0;
    for (const Part part : {Part::fitting, Part::validation, Part::held_out}) {
      const Stretches stretches = corpus.stretches({part});
      sum += count(stretches);
      for (const Stretch& stretch : stretches) {
        for (std::size_t i = stretch.begin; i < stretch.end; ++i) CHECK(corpus.part_of(i) == part);
      }
    }
    CHECK(sum == corpus.ids().size());
    CHECK(sum == 140 + extra);
  }
}

TEST_CASE("what only held-out blocks hold is unknown", "[text]") {
  const Corpus corpus(blocks(10, 4), 128, 4);
  CHECK(corpus.vocabulary().all() == "abcdefghi");
  CHECK(corpus.ids()[35] == corpus.vocabulary().id_of("i"));
  CHECK(corpus.ids()[36] == Vocabulary::unknown);
}

TEST_CASE("texts without a held-out block are refused", "[text]") {
  CHECK_THROWS_WITH(Corpus(blocks(9, 3), 128, 3), "text: expected at least 30 characters, got 27");
  CHECK_THROWS_WITH(Corpus("", 128, 0), "Corpus: block: expected at least 1, got 0");
  CHECK_NOTHROW(Corpus(blocks(10, 3), 128, 3));
}

TEST_CASE("a file is read whole, and named where it is not there", "[text]") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "ctgrad_text_test.txt";
  std::string text("one\r\ntwo\0three\n", 15);
  for (int doubled = 0; doubled < 11; ++doubled, text += text) {
    std::ofstream(path, std::ios::binary) << text;
    CHECK(read_text(path) == text);
  }
  std::ofstream(path, std::ios::binary) << "";
  CHECK(read_text(path).empty());
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(read_text(path), ctgrad::test::contains("ctgrad_text_test.txt: cannot be opened"));
  CHECK_THROWS_WITH(read_text(path.parent_path()), ctgrad::test::contains(": cannot be "));
}
