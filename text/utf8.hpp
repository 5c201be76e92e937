#pragma once

#include <ctgrad/io/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// UTF-8 as tokenizers read it.
namespace ctgrad::text {

/// The bytes of a text from `begin` on that end before `end`.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// What a tokenizer does with a text that is not UTF-8.
enum class InvalidUtf8 {
  refused,   ///< it throws std::invalid_argument that names the byte
  replaced,  ///< every maximal part that begins a character, or single byte, counts as U+FFFD
};

/// U+FFFD, which stands for what is no character.
inline constexpr char32_t replacement_character = 0xFFFD;

/// The code point that begins at a byte of a text, or U+FFFD for what is none there.
struct CodePoint {
  char32_t code = replacement_character;
  std::size_t size = 1;  ///< how many bytes it has
  bool valid = true;
};

/// Which second bytes may follow a lead byte: overlong forms and surrogates have none.
constexpr ByteRange second_bytes(unsigned char lead) {
  switch (lead) {
    case 0xE0:
      return {0xA0, 0xC0};
    case 0xED:
      return {0x80, 0xA0};
    case 0xF0:
      return {0x90, 0xC0};
    case 0xF4:
      return {0x80, 0x90};
    default:
      return {0x80, 0xC0};
  }
}

/// The code point at a byte of a text, which is not at its end. What is none is as long as the Unicode
/// Standard proposes (section 3.9, "U+FFFD Substitution of Maximal Subparts"), and as Python's and Rust's
/// decoders have it: the bytes that begin a character and do not end it, else one byte.
constexpr CodePoint code_point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {replacement_character, 1, false};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  auto code = static_cast<char32_t>(lead & (0x7F >> length));
  for (std::size_t i = 1; i < length; ++i) {
    const ByteRange allowed = i == 1 ? second_bytes(lead) : ByteRange{0x80, 0xC0};
    if (at + i == text.size() || byte(i) < allowed.begin || byte(i) >= allowed.end) {
      return {replacement_character, i, false};
    }
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  return {code, length, true};
}

/// Writes a code point in UTF-8; gives how many bytes it has.
constexpr std::size_t write_code_point(char32_t code, char* out) {
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  const std::size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (std::size_t i = length; i-- > 1; code >>= 6) out[i] = static_cast<char>(0x80 | (code & 0x3F));
  out[0] = static_cast<char>((0xF00 >> length) | code);
  return length;
}

/// How many of a text's bytes are UTF-8 before the first that is not: all of them, mostly.
inline std::size_t valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    while (at + 8 <= text.size()) {  // eight bytes of ASCII at a time
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & 0x8080'8080'8080'8080) != 0) break;
      at += 8;
    }
    if (at == text.size()) break;
    const CodePoint point = code_point_at(text, at);
    if (!point.valid) return at;
    at += point.size;
  }
  return at;
}

/// Throws std::invalid_argument that names the first byte of a text that is no UTF-8, and calls the text
/// `name`.
inline void require_utf8(std::string_view text, std::string_view name = "text") {
  const std::size_t valid = valid_prefix(text);
  if (valid == text.size()) return;
  throw std::invalid_argument(std::string(name) + ": expected UTF-8, got the byte " +
                              io::escaped_byte(text[valid]) + " at byte " + std::to_string(valid) +
                              " (InvalidUtf8::replaced takes U+FFFD for it)");
}

/// A text with U+FFFD for all that is no UTF-8, and which bytes of the text its own bytes stand for.
class RepairedText {
 public:
  /// `text` is needed while this is made, not afterwards.
  explicit RepairedText(std::string_view text) {
    repaired_.reserve(text.size() + 16);
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint point = code_point_at(text, at);
      if (point.valid) {
        repaired_.append(text, at, point.size);
      } else {
        std::array<char, 4> bytes{};
        repaired_.append(bytes.data(), write_code_point(replacement_character, bytes.data()));
      }
      at += point.size;
      if (!point.valid) ends_.push_back({repaired_.size(), at});
    }
  }

  std::string_view text() const { return repaired_; }

  /// What a range of whole characters of the repaired text stands for in the original.
  ByteRange original(ByteRange range) const { return {original(range.begin), original(range.end)}; }

 private:
  struct End {
    std::size_t repaired, original;  ///< where a replacement ends, and where what it stands for
  };

  std::size_t original(std::size_t at) const {
    const auto behind = std::ranges::upper_bound(ends_, at, {}, &End::repaired);
    if (behind == ends_.begin()) return at;
    return at - (behind - 1)->repaired + (behind - 1)->original;
  }

  std::string repaired_;
  std::vector<End> ends_;
};

}  // namespace ctgrad::text
