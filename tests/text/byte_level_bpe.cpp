#include <ctgrad/text/byte_level_bpe.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

using namespace ctgrad::text;

namespace {

std::string spelled(char32_t code) {
  std::array<char, 4> bytes{};
  return {bytes.data(), write_code_point(code, bytes.data())};
}

/// A vocab.json of all bytes, whose ids are their numbers, and of more tokens.
std::string vocabulary(const std::vector<std::string>& more, int without = -1) {
  std::string json = "{";
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string token = spelled(byte_characters[byte]);
    if (static_cast<int>(byte) == without) continue;
    json += (json.size() > 1 ? ",\"" : "\"") + (token == "\"" || token == "\\" ? "\\" + token : token) +
            "\":" + std::to_string(byte);
  }
  for (std::size_t i = 0; i < more.size(); ++i) json += ",\"" + more[i] + "\":" + std::to_string(256 + i);
  return json + "}";
}

const std::vector<std::string> tokens{"th", "the", "Ġthe", "Ã©", "<|endoftext|>", "he", "xyz", "日"};
constexpr std::string_view merges = "#version: 0.2\nt h\nth e\nĠ the\nÃ ©\nh e\n";

ByteLevelBpe tokenizer(const ByteLevelBpeOptions& options = {.special_tokens = {"<|endoftext|>"}}) {
  return {vocabulary(tokens), merges, options};
}

using Ids = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("bytes of a word are joined as the merges say", "[byte_level_bpe]") {
  const Encoding encoding = tokenizer().encode("the the hé");
  CHECK(encoding.ids == Ids{257, 258, ' ', 'h', 259});
  CHECK(encoding.offsets == std::vector<ByteRange>{{0, 3}, {3, 7}, {7, 8}, {8, 9}, {9, 11}});
  CHECK(tokenizer().encode("").size() == 0);
}

TEST_CASE("a word that is a token is only itself where merges make it", "[byte_level_bpe]") {
  const ByteLevelBpe bpe = tokenizer();
  for (int i = 0; i < 2; ++i) {  // the second time from what has been found out
    CHECK(bpe.encode("xyz").ids == Ids{'x', 'y', 'z'});
    CHECK(bpe.encode("the").ids == Ids{257});
    CHECK(bpe.encode("he").ids == Ids{261});
  }
  const ByteLevelBpe copy = bpe;  // NOLINT(performance-unnecessary-copy-initialization)
  CHECK(copy.encode("xyz the").ids == Ids{'x', 'y', 'z', 258});
}

TEST_CASE("a token that cuts a character has the bytes of all of it", "[byte_level_bpe]") {
  const Encoding encoding = tokenizer().encode("日x");
  CHECK(encoding.ids == Ids{0xE6, 0x97, 0xA5, 'x'});
  CHECK(encoding.offsets == std::vector<ByteRange>{{0, 3}, {0, 3}, {0, 3}, {3, 4}});
  CHECK(tokenizer().bytes(0xE6) == "\xE6");
  CHECK(tokenizer().bytes(258) == " the");
  CHECK(tokenizer().bytes(263) == "日");  // spelled with another character than bytes: no text gives it
}

TEST_CASE("tokens are their text again", "[byte_level_bpe]") {
  const ByteLevelBpe bpe = tokenizer();
  for (const std::string text : {"the  the\n", "héhe日\U0001F642", "'s 12", "<|endoftext|", ""}) {
    CHECK(bpe.decode(bpe.encode(text).ids) == text);
  }
  CHECK(bpe.decode(Ids{257, 260, 258}) == "the the");
  CHECK(bpe.decode(Ids{257, 260, 258}, true) == "the<|endoftext|> the");
  CHECK(bpe.decode(Ids{0xE6, 0x97, 'x'}) == "\uFFFDx");
  CHECK_THROWS_WITH(bpe.decode(Ids{264}), "token: expected an id from 0 to 263, got 264");
}

TEST_CASE("special tokens of byte-level texts are found, unless they shall not be", "[byte_level_bpe]") {
  const Encoding encoding = tokenizer().encode("the<|endoftext|>the");
  CHECK(encoding.ids == Ids{257, 260, 257});
  CHECK(encoding.offsets[1] == ByteRange{3, 16});
  CHECK(tokenizer({}).encode("<|endoftext|>").size() == 13);  // one a byte
  CHECK(tokenizer({.special_tokens = {"<|endoftext|>"}, .find_special_tokens = false})
            .encode("<|endoftext|>")
            .size() == 13);
  CHECK_THROWS_WITH(tokenizer({.special_tokens = {"<s>"}}),
                    "special tokens: expected tokens of the vocabulary, got '<s>'");
}

TEST_CASE("a blank before a text belongs to its first character", "[byte_level_bpe]") {
  const ByteLevelBpe bpe = tokenizer({.special_tokens = {"<|endoftext|>"}, .blank_before = true});
  const Encoding encoding = bpe.encode("the<|endoftext|>é");
  CHECK(encoding.ids == Ids{258, 260, ' ', 259});
  CHECK(encoding.offsets == std::vector<ByteRange>{{0, 3}, {3, 16}, {16, 18}, {16, 18}});
  CHECK(bpe.encode(" the").ids == Ids{258});
  CHECK(bpe.encode("").size() == 0);
}

TEST_CASE("a long word is joined as a short one is", "[byte_level_bpe]") {
  std::string text;
  Ids ids;
  for (int i = 0; i < 40; ++i) {
    text += "the";
    ids.push_back(257);
  }
  CHECK(tokenizer().encode(text).ids == ids);
  CHECK(tokenizer().encode(text, 7).ids == Ids(7, 257));
  CHECK(tokenizer().encode(text, 7).truncated);
  CHECK_FALSE(tokenizer().encode(text, 40).truncated);
}

TEST_CASE("bytes that are no UTF-8 are refused, or U+FFFD", "[byte_level_bpe]") {
  Encoding encoding;
  tokenizer().encode("the", encoding);
  CHECK_THROWS_WITH(tokenizer().encode("the \xFF", encoding), Catch::StartsWith("text: expected UTF-8"));
  CHECK(encoding.ids == Ids{257});  // as it was
  const ByteLevelBpe lenient = tokenizer({.invalid_utf8 = InvalidUtf8::replaced});
  lenient.encode("he\xE2\x82the", encoding);
  CHECK(encoding.ids == Ids{261, 0xEF, 0xBF, 0xBD, 257});
  CHECK(encoding.offsets == std::vector<ByteRange>{{0, 2}, {2, 4}, {2, 4}, {2, 4}, {4, 7}});
}

TEST_CASE("files that do not fit each other are refused", "[byte_level_bpe]") {
  CHECK_THROWS_WITH(ByteLevelBpe(vocabulary({}, 0x7F), "", {}, "F"),
                    "F: tokens: expected one for each of the 256 bytes, got none for \\x7F");
  CHECK_THROWS_WITH(ByteLevelBpe(vocabulary({"日", "日"}), "", {}, "F"),
                    "F: id 257: expected each token once, got '日', which is id 256 as well");
  CHECK_THROWS_WITH(ByteLevelBpe(vocabulary({"th"}), "t h\nth e\n", {}, "V", "F"),
                    "F: line 2: expected two tokens that are one together, got 'th e'");
  CHECK_THROWS_WITH(ByteLevelBpe(vocabulary({"th"}), "日 h\n", {}, "V", "F"),
                    "F: line 1: expected two tokens that are one together, got '日 h'");
  CHECK_THROWS_WITH(ByteLevelBpe(vocabulary({"th"}), "t h\nt h\n", {}, "V", "F"),
                    "F: line 2: expected each pair once, got 't h' again");
}

TEST_CASE("a text that has been seen is tokenized without allocations", "[byte_level_bpe]") {
  const ByteLevelBpe bpe = tokenizer();
  Encoding encoding;
  bpe.encode("the thethethe hé xyz the's", encoding);
  const Ids ids = encoding.ids;
  const std::size_t before = ctgrad::test::allocations();
  bpe.encode("the thethethe hé xyz the's", encoding);
  const std::size_t allocated = ctgrad::test::allocations() - before;
  CHECK(allocated == 0);
  CHECK(encoding.ids == ids);
}
