#include <ctgrad/text/vocabulary_json.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <fstream>

using namespace ctgrad::text;

namespace {

std::vector<std::string> tokens_of(const Vocabulary& vocabulary) {
  std::vector<std::string> tokens;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    tokens.emplace_back(vocabulary.token(static_cast<std::int32_t>(id)));
  }
  return tokens;
}

using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("a line of a vocab.txt is a token, whatever ends it", "[vocabulary]") {
  const Tokens expected{"[UNK]", "the", "##s", "日"};
  CHECK(tokens_of(parse_vocabulary_lines("[UNK]\nthe\n##s\n日\n")) == expected);
  CHECK(tokens_of(parse_vocabulary_lines("[UNK]\nthe\n##s\n日")) == expected);
  CHECK(tokens_of(parse_vocabulary_lines("[UNK]\r\nthe\r\n##s\r\n日\r\n")) == expected);
  CHECK(tokens_of(parse_vocabulary_lines("\xEF\xBB\xBF[UNK]\nthe \n##s\t\n日\n\n\n")) == expected);
  CHECK(tokens_of(parse_vocabulary_lines("[UNK]\u00A0\nthe\u3000\u2028\n##s\f\n日\u0085\n \n\u2003\n")) ==
        expected);
}

TEST_CASE("an empty line is a gap: an id that no text gives", "[vocabulary]") {
  const Vocabulary vocabulary = parse_vocabulary_lines("a\n\nb\n");
  CHECK(vocabulary.size() == 3);
  CHECK(vocabulary.gaps() == 1);
  CHECK(vocabulary.token(1).empty());
  CHECK(vocabulary.find("b") == 2);
  CHECK_FALSE(vocabulary.find(""));
  CHECK_FALSE(vocabulary.find("c"));
  CHECK_THROWS_WITH(vocabulary.token(3), "token: expected an id from 0 to 2, got 3");
  CHECK_THROWS_WITH(vocabulary.token(-1), "token: expected an id from 0 to 2, got -1");
}

TEST_CASE("a vocab.txt with a token twice, none, or no UTF-8 is refused", "[vocabulary]") {
  CHECK_THROWS_WITH(parse_vocabulary_lines("a\nb\na\n", "F"),
                    "F: id 2: expected each token once, got 'a', which is id 0 as well");
  CHECK_THROWS_WITH(parse_vocabulary_lines("a\nb\na \n", "F"),
                    "F: id 2: expected each token once, got 'a', which is id 0 as well");
  CHECK_THROWS_WITH(parse_vocabulary_lines("", "F"), "F: tokens: expected at least one, got none");
  CHECK_THROWS_WITH(parse_vocabulary_lines("\r\n\n", "F"), "F: tokens: expected at least one, got none");
  CHECK_THROWS_WITH(parse_vocabulary_lines("a\n\xFF\x1B\n", "F"),
                    "F: id 1: expected a token in UTF-8, got '\\xFF\\x1B'");
  CHECK_THROWS_WITH(parse_vocabulary_lines(std::string(Vocabulary::most, '\n') + "a", "F"),
                    "F: tokens: expected at most 4194304, got 4194305");
}

TEST_CASE("tokens of a vocab.json have ids that need not be dense", "[vocabulary]") {
  CHECK(parse_token_ids("\xEF\xBB\xBF{\"b\": 3,\r\n \"a\": 0, \"\\u0120x\": 1}") ==
        Tokens{"a", "Ġx", "", "b"});
  CHECK(parse_token_ids("{\"a\": 4194303}").size() == Vocabulary::most);
}

TEST_CASE("a vocab.json that is not one object of ids is refused", "[vocabulary]") {
  const auto refusal = [](std::string_view json) {
    try {
      const TokensById tokens = parse_token_ids(json, "F");
      static_cast<void>(Vocabulary(std::vector<std::string_view>(tokens.begin(), tokens.end()), "F"));
    } catch (const VocabularyError& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  CHECK(refusal("{\"a\": 1, \"b\": 1}") ==
        "F: token 'b': expected an id of its own, got 1, which is that of 'a'");
  CHECK(refusal("{\"a\": 0, \"a\": 1}") ==
        "F: id 1: expected each token once, got 'a', which is id 0 as well");
  CHECK(refusal("{\"a\": -1}") == "F: token 'a': expected an id from 0 to 4194303, got the number -1");
  CHECK(refusal("{\"a\": 4194304}") ==
        "F: token 'a': expected an id from 0 to 4194303, got the number 4194304");
  CHECK(refusal("{\"a\": 1.5}") == "F: token 'a': expected an id from 0 to 4194303, got a fraction");
  CHECK(refusal("{\"a\": \"b\"}") == "F: token 'a': expected an id from 0 to 4194303, got the string 'b'");
  CHECK(refusal("{\"a\": [0]}") == "F: token 'a': expected an id from 0 to 4194303, got an array");
  CHECK(refusal("{\"a\": {}}") == "F: token 'a': expected an id from 0 to 4194303, got an object");
  CHECK(refusal("{\"a\": null}") == "F: token 'a': expected an id from 0 to 4194303, got null");
  CHECK(refusal("{\"\": 1}") == "F: tokens: expected texts, got an empty one");
  CHECK(refusal("[]") == "F: tokens: expected an object of ids, got an array");
  CHECK(refusal("7") == "F: tokens: expected an object of ids, got the number 7");
  CHECK(refusal("{}") == "F: tokens: expected at least one, got none");
  CHECK_THAT(refusal("{\"a\": 0"), Catch::StartsWith("F: tokens: expected JSON, got an error at byte "));
  CHECK_THAT(refusal(""), Catch::StartsWith("F: tokens: expected JSON, got an error at byte "));
  CHECK(refusal(std::string("{}\0", 3)) == "F: tokens: expected JSON, got a zero byte at 2");
  CHECK_THAT(refusal("{\"\xFF\": 0}"), Catch::StartsWith("F: tokens: expected JSON, got an error at byte "));
}

TEST_CASE("a line of a merges.txt has two parts", "[vocabulary]") {
  const std::string text = "#version: 0.2\r\nĠ t\r\nh e\n";
  const std::vector<MergeLine> merges = parse_merge_lines(text);
  REQUIRE(merges.size() == 2);
  CHECK(merges[0].left == "Ġ");
  CHECK(merges[0].right == "t");
  CHECK(merges[1].right == "e");
  CHECK(merges[1].number == 3);
  CHECK(parse_merge_lines("").empty());
  for (const char* line : {"a", "a b c", " b", "a ", "a  b", ""}) {
    INFO(line);
    CHECK_THROWS_WITH(parse_merge_lines("x y\n" + std::string(line) + "\nz z\n", "F"),
                      Catch::StartsWith("F: line 2: expected two parts with a blank between them, got "));
  }
}

TEST_CASE("a file that is not there, or too large, is named", "[vocabulary]") {
  const ctgrad::test::TemporaryFolder folder;
  CHECK_THROWS_WITH(read_vocabulary_lines(folder / "vocab.txt"),
                    (folder / "vocab.txt").string() + ": cannot be opened: No such file or directory");
  std::ofstream(folder / "vocab.txt") << "a\na\n";
  CHECK_THROWS_WITH(
      read_vocabulary_lines(folder / "vocab.txt"),
      (folder / "vocab.txt").string() + ": id 1: expected each token once, got 'a', which is id 0 as well");
  std::filesystem::resize_file(folder / "vocab.txt", vocabulary_file_limit + 1);
  CHECK_THROWS_WITH(read_vocabulary_lines(folder / "vocab.txt"), Catch::EndsWith(": File too large"));
}
