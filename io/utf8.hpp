#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// UTF-8, read strictly.
namespace ctgrad::io {

/// One character of a text in UTF-8, or one byte that is none.
struct Character {
  std::string_view bytes;
  char32_t code = 0;
  bool valid = true;
};

/// The character at the front of a text that is not empty. Overlong forms, surrogates and what is cut off are
/// single bytes without validity.
inline Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 1) return {text.substr(0, 1), lead, true};
  const Character broken{text.substr(0, 1), lead, false};
  if (length == 0 || length > text.size() || lead > 0xF4) return broken;
  auto code = static_cast<char32_t>(lead & (0x7F >> length));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return broken;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return broken;
  return {text.substr(0, length), code, true};
}

/// A text's characters.
inline std::vector<Character> characters(std::string_view text) {
  std::vector<Character> found;
  while (!text.empty()) {
    found.push_back(first_character(text));
    text.remove_prefix(found.back().bytes.size());
  }
  return found;
}

/// "\xE2"
inline std::string escaped_byte(char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto number = static_cast<unsigned char>(byte);
  return {'\\', 'x', digits[number / 16], digits[number % 16]};
}

}  // namespace ctgrad::io
