#pragma once

#include <ctgrad/text/unicode_differences.hpp>

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#if UTF8PROC_VERSION_MAJOR < 2 || (UTF8PROC_VERSION_MAJOR == 2 && UTF8PROC_VERSION_MINOR < 8)
#error "ctgrad/text needs utf8proc 2.8 or newer, which knows Unicode 15"
#endif

/// What tokenizers ask about characters: by utf8proc, and as the Python package `tokenizers` 0.23.3 answers,
/// whichever utf8proc from 2.8 on it is. No code point is beyond U+10FFFF.
namespace ctgrad::text {

template <std::size_t N>
constexpr bool contains(const std::array<CodePointRange, N>& ranges, char32_t c) {
  const auto behind = std::ranges::upper_bound(ranges, c, {}, &CodePointRange::first);
  return behind != ranges.begin() && c <= (behind - 1)->last;
}

inline utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

/// Unicode's White_Space.
constexpr bool is_white_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

/// Control, format and private characters (Cc, Cf, Co).
inline bool is_other(char32_t c) {
  const utf8proc_category_t kind = category(c);
  const bool other =
      kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_CO;
  return other && !contains(later_than_categories, c);
}

/// Marks that take no room of their own (Mn), such as accents.
inline bool is_nonspacing_mark(char32_t c) {
  if (category(c) == UTF8PROC_CATEGORY_MN) return !contains(later_than_categories, c);
  return contains(changed_to_no_mark, c);
}

/// Punctuation (P...), and all of ASCII that is no letter, digit, space or control character.
inline bool is_punctuation(char32_t c) {
  if (c < 0x80)
    return (c > 0x20 && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < 0x7F);
  const utf8proc_category_t kind = category(c);
  if (kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO)
    return !contains(later_than_categories, c);
  return contains(changed_to_no_punctuation, c);
}

/// Where a combining mark stands among others (Canonical_Combining_Class); 0 for what begins a character.
inline std::uint8_t combining_class(char32_t c) {
  if (c < 0x300) return 0;
  const auto found = utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
  return found == 0 || contains(later_than_decompositions, c) ? 0 : static_cast<std::uint8_t>(found);
}

/// A few characters that one becomes.
class FewCharacters {
 public:
  const char32_t* begin() const { return characters_.data(); }
  const char32_t* end() const { return characters_.data() + count_; }
  void add(char32_t c) { characters_[count_++] = c; }

 private:
  std::array<char32_t, 4> characters_{};  ///< as many as a canonical decomposition has at most
  std::size_t count_ = 0;
};

/// What a character is made of (its canonical decomposition, NFD), itself where it is of one piece.
inline FewCharacters canonical_decomposition(char32_t c) {
  FewCharacters parts;
  constexpr char32_t hangul = 0xAC00, syllables = 11172;
  if (c - hangul < syllables) {  // of a leading consonant, a vowel and perhaps a trailing consonant
    const char32_t syllable = c - hangul;
    parts.add(0x1100 + syllable / 588);
    parts.add(0x1161 + syllable % 588 / 28);
    if (syllable % 28 != 0) parts.add(0x11A7 + syllable % 28);
    return parts;
  }
  const utf8proc_property_t& property = *utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
  if (property.decomp_seqindex == UINT16_MAX || property.decomp_type != 0 ||
      contains(later_than_decompositions, c)) {
    parts.add(c);
    return parts;
  }
  std::array<utf8proc_int32_t, 4> decomposed{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), decomposed.data(),
                                             static_cast<utf8proc_ssize_t>(decomposed.size()),
                                             UTF8PROC_DECOMPOSE, &boundary);
  for (utf8proc_ssize_t i = 0; i < count; ++i)
    parts.add(static_cast<char32_t>(decomposed[static_cast<std::size_t>(i)]));
  return parts;
}

/// Capital letters of Unicode 16 and 17, and how far behind them their small letters are.
struct CapitalRange {
  char32_t first, last, step;
  std::int32_t to_small;
};
inline constexpr std::array<CapitalRange, 8> new_capitals{{{0x1C89, 0x1C89, 1, 1},
                                                           {0xA7CB, 0xA7CB, 1, 0x264 - 0xA7CB},
                                                           {0xA7CC, 0xA7CE, 2, 1},
                                                           {0xA7D2, 0xA7D4, 2, 1},
                                                           {0xA7DA, 0xA7DA, 1, 1},
                                                           {0xA7DC, 0xA7DC, 1, 0x19B - 0xA7DC},
                                                           {0x10D50, 0x10D65, 1, 0x20},
                                                           {0x16EA0, 0x16EB8, 1, 0x1B}}};

/// A character in lower case (Lowercase_Mapping without regard to what stands around it).
inline FewCharacters lower_case(char32_t c) {
  FewCharacters lower;
  if (c == 0x130) {  // I with a dot keeps it
    lower.add('i');
    lower.add(0x307);
    return lower;
  }
  for (const CapitalRange& range : new_capitals) {
    if (c < range.first) break;
    if (c <= range.last && (c - range.first) % range.step == 0) {
      lower.add(static_cast<char32_t>(static_cast<std::int32_t>(c) + range.to_small));
      return lower;
    }
  }
  lower.add(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  return lower;
}

constexpr bool is_ascii_letter(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
constexpr bool is_ascii_digit(unsigned char c) { return c >= '0' && c <= '9'; }

/// What BERT's basic tokenizer makes of a byte of ASCII.
enum class AsciiKind : std::uint8_t { other, upper, space, punctuation, control };

constexpr AsciiKind ascii_kind(unsigned char c) {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return AsciiKind::space;
  if (c < 0x20 || c == 0x7F) return AsciiKind::control;
  if (c >= 'A' && c <= 'Z') return AsciiKind::upper;
  return is_ascii_letter(c) || is_ascii_digit(c) ? AsciiKind::other : AsciiKind::punctuation;
}

/// What GPT-2's words are made of.
enum class CharacterKind : std::uint8_t { letter, number, space, other };

/// Of ASCII, as a table.
inline constexpr std::array<CharacterKind, 128> ascii_kinds = [] {
  std::array<CharacterKind, 128> kinds{};
  for (unsigned char c = 0; c < 128; ++c) {
    kinds[c] = is_ascii_letter(c)  ? CharacterKind::letter
               : is_ascii_digit(c) ? CharacterKind::number
               : is_white_space(c) ? CharacterKind::space
                                   : CharacterKind::other;
  }
  return kinds;
}();

/// By \p{L}, \p{N} and \s.
inline CharacterKind character_kind(char32_t c) {
  if (is_white_space(c)) return CharacterKind::space;
  const utf8proc_category_t kind = category(c);
  if (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) {
    return contains(later_letters, c) ? CharacterKind::other : CharacterKind::letter;
  }
  if (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO) {
    return contains(later_numbers, c) ? CharacterKind::other : CharacterKind::number;
  }
  if (kind != UTF8PROC_CATEGORY_CN) return CharacterKind::other;
  if (contains(new_letters, c)) return CharacterKind::letter;
  return contains(new_numbers, c) ? CharacterKind::number : CharacterKind::other;
}

}  // namespace ctgrad::text
