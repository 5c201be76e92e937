#include "../../examples/support/text.hpp"

#include <support/catch.hpp>

#include <sys/resource.h>

#include <fstream>

namespace {

std::vector<ctgrad::io::Character> characters_of(std::string_view text) {
  std::vector<ctgrad::io::Character> characters;
  for_each_character(text, [&](const auto& character) { characters.push_back(character); });
  return characters;
}

Vocabulary vocabulary_of(std::string_view text, std::int32_t largest = 128) {
  CharacterCounts counts;
  for_each_character(text, [&](const auto& character) { counts.add(character); });
  return Vocabulary(counts, largest);
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
  CHECK(vocabulary.size() == 5);
  CHECK(vocabulary.id_of('a') == 2);
  CHECK(vocabulary.id_of('x') == Vocabulary::unknown);
  CHECK(vocabulary.id_of('z') == Vocabulary::unknown);
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
  CHECK_THROWS_WITH(vocabulary_of("aa", 1), "Vocabulary: largest: expected at least 2, got 1");
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

TEST_CASE("characters of any length keep their ids, and come back", "[text]") {
  const std::string text("\U0010FFFF\uFFFF\u0800\u07FF\u0080\x7F\0", 16);
  const Vocabulary vocabulary = vocabulary_of(text + text);
  CHECK(vocabulary.size() == 8);
  CHECK(vocabulary.decode(vocabulary.encode(text)) == text);
  CHECK(vocabulary.all() == std::string("\0\x7F\u0080\u07FF\u0800\uFFFF\U0010FFFF", 16));
}

TEST_CASE("a corpus takes about four bytes a character", "[text]") {
  const auto most_kilobytes = [] {
    ::rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  std::string text;
  for (int i = 0; i < 10; ++i) text += blocks(20, 50000);  // 10 MB
  const long before = most_kilobytes();
  const Corpus corpus(text, 128, 500);
  CHECK(corpus.ids().size() == text.size());
  CHECK(most_kilobytes() - before <= 5 * static_cast<long>(text.size() / 1000));
}

TEST_CASE("what only held-out blocks hold is unknown", "[text]") {
  const Corpus corpus(blocks(10, 4), 128, 4);
  CHECK(corpus.vocabulary().all() == "abcdefghi");
  CHECK(corpus.ids()[35] == corpus.vocabulary().id_of('i'));
  CHECK(corpus.ids()[36] == Vocabulary::unknown);
}

TEST_CASE("texts without a held-out block are refused", "[text]") {
  CHECK_THROWS_WITH(Corpus(blocks(9, 3), 128, 3), "text: expected at least 10 times 3 characters, got 27");
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

TEST_CASE("of many stretches every n-th is kept, so that no more characters are left", "[text]") {
  const Stretches four{{0, 10}, {20, 30}, {40, 50}, {60, 70}};
  CHECK(thinned(four, 40) == four);
  CHECK(thinned(four, 39) == Stretches{{0, 10}, {40, 50}});
  CHECK(thinned(four, 19) == Stretches{{0, 10}});
  CHECK(thinned(four, 1) == Stretches{{0, 10}});
  CHECK(thinned({}, 1).empty());
}

TEST_CASE("a text for a terminal does not command it", "[text]") {
  CHECK(printable("a\n\tb é \\") == "a\n\tb é \\");
  CHECK(printable("\x1B[31m\r\x07\u009B\u202E\xFF") == "\\x1B[31m\\x0D\\x07\\xC2\\x9B\\xE2\\x80\\xAE\\xFF");
}
