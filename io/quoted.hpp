#pragma once

#include <ctgrad/io/utf8.hpp>

#include <string>
#include <string_view>

/// What files and command lines say, made fit for messages: a name may hold a terminal's commands, or be as
/// long as its file.
namespace ctgrad::io {

/// Whether a character commands whoever shows it, or is shown as nothing at all: control characters, marks of
/// direction, separators of lines, joiners of no width.
inline bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0xAD || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
         (code >= 0xE0000 && code <= 0xE0FFF);
}

/// A text as messages show it, at most about `most` bytes of it: control characters and what is no UTF-8 as
/// `\x1B`, backslashes doubled, "..." for what is left out.
inline std::string shown(std::string_view text, std::size_t most = 200) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= most) return out + "...";
    const Character character = first_character(text);
    if (character.code == '\\') {
      out += "\\\\";
    } else if (!character.valid || is_control(character.code)) {
      for (const char byte : character.bytes) out += escaped_byte(byte);
    } else {
      out += character.bytes;
    }
    text.remove_prefix(character.bytes.size());
  }
  return out;
}

/// The same in quotation marks.
inline std::string in_quotes(std::string_view text, std::size_t most = 200) {
  return "'" + shown(text, most) + "'";
}

}  // namespace ctgrad::io
