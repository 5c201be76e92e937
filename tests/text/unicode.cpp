#include <ctgrad/text/unicode.hpp>

#include <support/catch.hpp>

#include <vector>

using namespace ctgrad::text;

namespace {

using Codes = std::vector<char32_t>;

Codes listed(const FewCharacters& characters) { return {characters.begin(), characters.end()}; }

}  // namespace

TEST_CASE("categories are those of Unicode 8, whichever is installed", "[unicode]") {
  CHECK(is_other(0x200D));
  CHECK(is_other(0xE000));
  CHECK_FALSE(is_other(0x8E2));   // a format character since Unicode 9
  CHECK_FALSE(is_other(0xFFFE));  // not assigned: stays
  CHECK_FALSE(is_other(0x10FFFF));
  CHECK(is_nonspacing_mark(0x301));
  CHECK(is_nonspacing_mark(0x1734));         // a spacing mark since Unicode 14
  CHECK_FALSE(is_nonspacing_mark(0x1E000));  // of Unicode 9
  CHECK_FALSE(is_nonspacing_mark(0x903));    // takes room
  CHECK(is_punctuation(0x2014));
  CHECK(is_punctuation(0x166D));        // a symbol since Unicode 12
  CHECK_FALSE(is_punctuation(0x2E43));  // of Unicode 9
  CHECK_FALSE(is_punctuation(0x20AC));
  for (const char c : {'!', '$', '+', '/', ':', '<', '@', '[', '^', '`', '{', '~'}) {
    CHECK(is_punctuation(static_cast<char32_t>(c)));
    CHECK(ascii_kind(static_cast<unsigned char>(c)) == AsciiKind::punctuation);
  }
}

TEST_CASE("what a byte of ASCII is, is what its code point is", "[unicode]") {
  for (unsigned char c = 0; c < 128; ++c) {
    const AsciiKind kind = ascii_kind(c);
    CHECK((kind == AsciiKind::punctuation) == is_punctuation(c));
    CHECK((kind == AsciiKind::upper) == (listed(lower_case(c)) != Codes{c}));
    CHECK((kind == AsciiKind::control) == (is_other(c) && c != '\t' && c != '\n' && c != '\r'));
    CHECK((kind == AsciiKind::space) == (c == ' ' || c == '\t' || c == '\n' || c == '\r'));
    CHECK(ascii_kinds[c] == character_kind(c));
  }
}

TEST_CASE("letters and numbers are those of Unicode 16", "[unicode]") {
  CHECK(character_kind(0x1C89) == CharacterKind::letter);   // of Unicode 16
  CHECK(character_kind(0x2EBF0) == CharacterKind::letter);  // of Unicode 15.1
  CHECK(character_kind(0x1CCF0) == CharacterKind::number);  // of Unicode 16
  CHECK(character_kind(0xA7CE) == CharacterKind::other);    // of Unicode 17
  CHECK(character_kind(0x216B) == CharacterKind::number);
  CHECK(character_kind(0x3000) == CharacterKind::space);
  CHECK(character_kind(0x301) == CharacterKind::other);
}

TEST_CASE("characters come apart as in Unicode 9", "[unicode]") {
  CHECK(listed(canonical_decomposition(0xE9)) == Codes{'e', 0x301});
  CHECK(listed(canonical_decomposition(0x1F82)) == Codes{0x3B1, 0x313, 0x300, 0x345});
  CHECK(listed(canonical_decomposition(0xAC01)) == Codes{0x1100, 0x1161, 0x11A8});
  CHECK(listed(canonical_decomposition(0xD7A3)) == Codes{0x1112, 0x1175, 0x11C2});
  CHECK(listed(canonical_decomposition(0xAC00)) == Codes{0x1100, 0x1161});
  CHECK(listed(canonical_decomposition(0xFB01)) == Codes{0xFB01});    // a ligature is of one piece here
  CHECK(listed(canonical_decomposition(0x11938)) == Codes{0x11938});  // of Unicode 13
  CHECK(combining_class(0x323) == 220);
  CHECK(combining_class(0x1E000) == 230);
  CHECK(combining_class(0x898) == 0);  // of Unicode 14
}

TEST_CASE("small letters are those of Unicode 17", "[unicode]") {
  CHECK(listed(lower_case(0x130)) == Codes{'i', 0x307});
  CHECK(listed(lower_case(0x3A3)) == Codes{0x3C3});
  CHECK(listed(lower_case(0x10D50)) == Codes{0x10D70});
  CHECK(listed(lower_case(0x16EB8)) == Codes{0x16ED3});
  CHECK(listed(lower_case(0x16EB9)) == Codes{0x16EB9});
  CHECK(listed(lower_case(0xA7CC)) == Codes{0xA7CD});
  CHECK(listed(lower_case(0xA7CD)) == Codes{0xA7CD});
  CHECK(listed(lower_case(0xA7DC)) == Codes{0x19B});
  CHECK(listed(lower_case(0x1E9E)) == Codes{0xDF});
}
