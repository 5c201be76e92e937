#include <ctgrad/text/encoding.hpp>

#include <support/catch.hpp>

#include <random>

using namespace ctgrad::text;

namespace {

/// The code points of a text with U+FFFD for what is none, as (code, bytes).
std::vector<std::pair<char32_t, std::size_t>> points(std::string_view text) {
  std::vector<std::pair<char32_t, std::size_t>> found;
  for (std::size_t at = 0; at < text.size(); at += found.back().second) {
    const CodePoint point = code_point_at(text, at);
    CHECK(point.valid ==
          (point.code != replacement_character || text.substr(at).starts_with("\xEF\xBF\xBD")));
    found.emplace_back(point.code, point.size);
  }
  return found;
}

using Points = std::vector<std::pair<char32_t, std::size_t>>;

}  // namespace

TEST_CASE("every code point is read as it is written", "[utf8]") {
  std::array<char, 4> bytes{};
  std::size_t wrong = 0;
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const std::size_t size = write_code_point(code, bytes.data());
    const CodePoint point = code_point_at({bytes.data(), size}, 0);
    if (point.code != code || point.size != size || !point.valid) ++wrong;
    for (std::size_t cut = 1; cut < size; ++cut) {
      const CodePoint part = code_point_at({bytes.data(), cut}, 0);
      if (part.valid || part.size != cut) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("what is no UTF-8 is as long as the Unicode Standard proposes", "[utf8]") {
  // The example of section 3.9, table 3-8, and its neighbours.
  CHECK(points("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") == Points{{'a', 1},
                                                                                 {0xFFFD, 3},
                                                                                 {0xFFFD, 2},
                                                                                 {0xFFFD, 1},
                                                                                 {'b', 1},
                                                                                 {0xFFFD, 1},
                                                                                 {'c', 1},
                                                                                 {0xFFFD, 1},
                                                                                 {0xFFFD, 1},
                                                                                 {'d', 1}});
  CHECK(points("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == Points{{0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {'A', 1}});
  CHECK(points("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == Points{{0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {'A', 1}});
  CHECK(points("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == Points{{0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {'A', 1},
                                                                 {0xFFFD, 1},
                                                                 {0xFFFD, 1},
                                                                 {'B', 1}});
  CHECK(points("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") ==
        Points{{0xFFFD, 2}, {0xFFFD, 1}, {0xFFFD, 3}, {0xFFFD, 2}, {'A', 1}});
}

TEST_CASE("the valid part of a text ends at its first byte that is none", "[utf8]") {
  std::mt19937_64 random(ctgrad::test::seed());
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t size = random() % 40; text.size() < size;) text += random() % 4 == 0 ? "é" : "x";
    CHECK(valid_prefix(text) == text.size());
    const std::size_t at = text.size();
    text += "\xE2\x82";
    text += random() % 2 == 0 ? "" : "abcdefghijklm";
    CHECK(valid_prefix(text) == at);
  }
}

TEST_CASE("a text that is no UTF-8 is refused by its first wrong byte", "[utf8]") {
  CHECK_THROWS_WITH(
      require_utf8("caf\xC3\xA9 \xC3("),
      "text: expected UTF-8, got the byte \\xC3 at byte 6 (InvalidUtf8::replaced takes U+FFFD for it)");
  CHECK_NOTHROW(require_utf8(""));
}

TEST_CASE("a repaired text knows the bytes that it came from", "[utf8]") {
  const RepairedText repaired("a\xE2\x82z\xFF\xC3\xA9");
  CHECK(repaired.text() == "a\uFFFDz\uFFFDé");
  CHECK(repaired.original({0, 1}) == ByteRange{0, 1});
  CHECK(repaired.original({1, 4}) == ByteRange{1, 3});
  CHECK(repaired.original({4, 5}) == ByteRange{3, 4});
  CHECK(repaired.original({5, 8}) == ByteRange{4, 5});
  CHECK(repaired.original({8, 10}) == ByteRange{5, 7});
  CHECK(repaired.original({0, 10}) == ByteRange{0, 7});
}

TEST_CASE("offsets in bytes are counted in characters, too", "[utf8]") {
  const std::string_view text = "aé\xFF日b";
  const std::vector<ByteRange> bytes{{0, 1}, {1, 3}, {3, 4}, {4, 7}, {7, 8}, {1, 8}, {0, 0}};
  CHECK(in_characters(text, bytes) ==
        std::vector<ByteRange>{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {1, 5}, {0, 0}});
}
