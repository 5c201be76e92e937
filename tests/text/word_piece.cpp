#include <ctgrad/text/word_piece.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

using namespace ctgrad::text;

namespace {

constexpr std::string_view lines =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\n,\ncafe\n日\n##s\nthe\nThe\n!\nı\n##é\ne\n";

WordPiece tokenizer(const WordPieceOptions& options = {}) {
  return WordPiece(parse_vocabulary_lines(lines), options);
}

/// The tokens of a text without [CLS] and [SEP], each with the bytes that it comes from: "un:0-2 ##aff:2-5".
std::string tokens(const WordPiece& tokenizer, std::string_view text) {
  const Encoding encoding = tokenizer.encode(text);
  REQUIRE(encoding.size() >= 2);
  CHECK(encoding.ids.front() == 2);
  CHECK(encoding.ids.back() == 3);
  CHECK(encoding.offsets.back() == ByteRange{});
  std::string listed;
  for (std::size_t i = 1; i + 1 < encoding.size(); ++i) {
    listed += (i > 1 ? " " : "") + std::string(tokenizer.vocabulary().token(encoding.ids[i])) + ":" +
              std::to_string(encoding.offsets[i].begin) + "-" + std::to_string(encoding.offsets[i].end);
  }
  return listed;
}

}  // namespace

TEST_CASE("words are cut into the longest tokens", "[word_piece]") {
  CHECK(tokens(tokenizer(), "Unaffable, UNS!") ==
        "un:0-2 ##aff:2-5 ##able:5-9 ,:9-10 un:11-13 ##s:13-14 !:14-15");
  CHECK(tokens(tokenizer(), "unaffx") == "[UNK]:0-6");
  CHECK(tokens(tokenizer(), "").empty());
  CHECK(tokens(tokenizer(), " \t\n\u3000").empty());
}

TEST_CASE("accents, case, control characters and Chinese are as BERT has them", "[word_piece]") {
  CHECK(tokens(tokenizer(), "CAFÉ") == "cafe:0-5");
  CHECK(tokens(tokenizer(), "cafe\u0301s") == "cafe:0-4 ##s:6-7");
  CHECK(tokens(tokenizer(), "ca\u200Dfe") == "cafe:0-7");
  CHECK(tokens(tokenizer(), "the日the") == "the:0-3 日:3-6 the:6-9");
  CHECK(tokens(tokenizer(), std::string("th\0e", 4)) == "the:0-4");
  CHECK(tokens(tokenizer({.clean_text = false}), std::string("th\0e", 4)) == "[UNK]:0-4");
  CHECK(tokens(tokenizer({.clean_text = false}),
               "the\013the\fe\036e") ==
        "the:0-3 the:4-7 [UNK]:8-11");  // of these only the first two are white space
  CHECK(tokens(tokenizer(), "th\013\f\036e") == "the:0-6");
  CHECK(tokens(tokenizer({.split_cjk = false}), "the日") == "[UNK]:0-6");
  CHECK(tokens(tokenizer({.lower_case = false}), "The the THE") == "The:0-3 the:4-7 [UNK]:8-11");
  CHECK(tokens(tokenizer({.strip_accents = false}), "eÉ") == "e:0-1 ##é:1-3");
  CHECK(tokens(tokenizer({.lower_case = false, .strip_accents = true}), "é É") == "e:0-2 [UNK]:3-5");
}

TEST_CASE("a word of too many characters is unknown", "[word_piece]") {
  const std::string word = "un" + std::string(98, 's');
  CHECK(tokens(tokenizer(), word).starts_with("un:0-2 ##s:2-3 ##s:3-4"));
  CHECK(tokens(tokenizer(), word + "s") == "[UNK]:0-101");
  CHECK(tokens(tokenizer({.most_characters = 2}), "un uns") == "un:0-2 [UNK]:3-6");
  CHECK(tokens(tokenizer(), "uns " + std::string(100'000, 'x') + " un") ==
        "un:0-2 ##s:2-3 [UNK]:4-100004 un:100005-100007");
  CHECK_THROWS_WITH(tokenizer({.most_characters = 257}),
                    "WordPiece: expected most_characters from 1 to 256, got 257");
}

TEST_CASE("special tokens in a text are tokens, unless they shall not be", "[word_piece]") {
  CHECK(tokens(tokenizer(), "the[MASK]the [mask]") ==
        "the:0-3 [MASK]:3-9 the:9-12 [UNK]:13-14 [UNK]:14-18 [UNK]:18-19");
  CHECK(tokens(tokenizer({.find_special_tokens = false}), "[SEP]") == "[UNK]:0-1 [UNK]:1-4 [UNK]:4-5");
  CHECK_THROWS_WITH(tokenizer({.begin = "<s>"}),
                    "special tokens: expected tokens of the vocabulary, got '<s>'");
}

TEST_CASE("no more tokens are made than there is room for", "[word_piece]") {
  const WordPiece bert = tokenizer();
  const Encoding whole = bert.encode("unaffable the");
  CHECK(whole.ids == std::vector<std::int32_t>{2, 5, 6, 7, 12, 3});
  CHECK_FALSE(whole.truncated);
  CHECK_FALSE(bert.encode("unaffable the", 6).truncated);
  for (std::size_t most = 2; most < 6; ++most) {
    const Encoding cut = bert.encode("unaffable the", most);
    CHECK(cut.truncated);
    CHECK(cut.size() == most);
    CHECK(cut.ids.back() == 3);
    CHECK(std::equal(cut.ids.begin(), cut.ids.end() - 1, whole.ids.begin()));
  }
  CHECK_THROWS_WITH(bert.encode("the", 1), "WordPiece: expected room for 2 special tokens, got 1");
}

TEST_CASE("of a pair the longer text loses its end first", "[word_piece]") {
  const WordPiece bert = tokenizer();
  using Ids = std::vector<std::int32_t>;
  const Encoding whole = bert.encode_pair("the", "unaffable the");
  CHECK(whole.ids == Ids{2, 12, 3, 5, 6, 7, 12, 3});
  CHECK(whole.types == Ids{0, 0, 0, 1, 1, 1, 1, 1});
  CHECK(whole.offsets[3] == ByteRange{0, 2});
  CHECK_FALSE(whole.truncated);
  CHECK(bert.encode_pair("the", "unaffable the", 6).ids == Ids{2, 12, 3, 5, 6, 3});
  CHECK(bert.encode_pair("unaffable the", "the", 6).ids == Ids{2, 5, 6, 3, 12, 3});
  CHECK(bert.encode_pair("the the the", "unaffable the", 6).ids == Ids{2, 12, 3, 5, 6, 3});
  CHECK(bert.encode_pair("the", "un", 3).ids == Ids{2, 3, 3});
  // Of an odd number the longer text has one more, however far beyond the limit both go.
  CHECK(bert.encode_pair("e e e e e e e", "uns uns", 6).ids == Ids{2, 17, 17, 3, 5, 3});
  CHECK(bert.encode_pair("uns uns", "e e e e e e e", 6).ids == Ids{2, 5, 3, 17, 17, 3});
  CHECK(bert.encode_pair("the", "un", 3).truncated);
  CHECK_THROWS_WITH(bert.encode_pair("", "", 2), "WordPiece: expected room for 3 special tokens, got 2");
}

TEST_CASE("what is no UTF-8 is refused, or left out", "[word_piece]") {
  Encoding encoding;
  tokenizer().encode("un", encoding);
  CHECK_THROWS_WITH(tokenizer().encode("the \xFF", encoding), Catch::StartsWith("text: expected UTF-8"));
  CHECK_THROWS_WITH(tokenizer().encode_pair("the", "\xC3", encoding),
                    Catch::StartsWith("second text: expected UTF-8"));
  CHECK(encoding.ids == std::vector<std::int32_t>{2, 5, 3});  // as it was
  CHECK(tokens(tokenizer({.invalid_utf8 = InvalidUtf8::replaced}), "t\xFFhe \xE2\x82un") == "the:0-4 un:7-9");
}

TEST_CASE("an encoding that has been as long is filled without allocations", "[word_piece]") {
  const WordPiece bert = tokenizer();
  const std::string text = "Unaffable, the café, the e\u0323\u0301 日 É [MASK] uns!";
  Encoding encoding;
  bert.encode(text, encoding);
  const std::vector<std::int32_t> ids = encoding.ids;
  const std::size_t before = ctgrad::test::allocations();
  bert.encode(text, encoding);
  const std::size_t allocated = ctgrad::test::allocations() - before;
  CHECK(allocated == 0);
  CHECK(encoding.ids == ids);
}

TEST_CASE("tokens are words again", "[word_piece]") {
  const WordPiece bert = tokenizer();
  CHECK(bert.decode(bert.encode("Unaffable, the CAFÉ!").ids) == "unaffable , the cafe !");
  CHECK(bert.decode({}).empty());
  CHECK_THROWS_WITH(bert.decode(std::vector<std::int32_t>{18}), "token: expected an id from 0 to 17, got 18");
}
