#pragma once

#include <ctgrad/io/utf8.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// Texts that come from anywhere, made fit to be seen: tokens, names, messages.
namespace ctgrad::report {

using io::Character;
using io::characters;
using io::escaped_byte;

/// How many columns a text takes in a font of fixed width: two for ideographs and the like, none for marks
/// that join the character before.
inline std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const Character& c : characters(text)) {
    const bool joins = (c.code >= 0x300 && c.code <= 0x36F) || (c.code >= 0x200B && c.code <= 0x200F) ||
                       (c.code >= 0xFE00 && c.code <= 0xFE0F);
    const bool wide = (c.code >= 0x1100 && c.code <= 0x115F) || (c.code >= 0x2E80 && c.code <= 0xA4CF) ||
                      (c.code >= 0xAC00 && c.code <= 0xD7A3) || (c.code >= 0xF900 && c.code <= 0xFAFF) ||
                      (c.code >= 0xFE30 && c.code <= 0xFE6F) || (c.code >= 0xFF00 && c.code <= 0xFF60) ||
                      (c.code >= 0x1F300 && c.code <= 0x1FAFF) || c.code >= 0x20000;
    if (c.valid && joins) continue;
    count += c.valid ? (wide ? 2 : 1) : 4;
  }
  return count;
}

/// A text of at most `most` columns: "encyclop…" for "encyclopedia" and 9.
inline std::string shortened(std::string_view text, std::size_t most) {
  if (columns(text) <= most) return std::string(text);
  std::string kept;
  std::size_t width = 1;
  for (const Character& c : characters(text)) {
    width += columns(c.bytes);
    if (width > most) break;
    kept += c.bytes;
  }
  return kept + "…";
}

/// A token as one sees it: a newline as ↵, a tab as ⇥, spaces at its ends as ␣, nothing as ∅, other control
/// characters as their pictures (U+2400 and on), bytes that are no UTF-8 as `\xE2`.
inline std::string visible(std::string_view token) {
  if (token.empty()) return "∅";
  const std::size_t first = token.find_first_not_of(' ');
  const std::size_t last = token.find_last_not_of(' ');
  std::string text;
  std::size_t at = 0;
  for (const Character& c : characters(token)) {
    const bool outer = first == std::string_view::npos || at < first || at > last;
    if (!c.valid) {
      text += escaped_byte(c.bytes[0]);
    } else if (c.code == '\n') {
      text += "↵";
    } else if (c.code == '\t') {
      text += "⇥";
    } else if (c.code == ' ' && outer) {
      text += "␣";
    } else if (c.code < 0x20) {
      text += {'\xE2', '\x90', static_cast<char>(0x80 + static_cast<int>(c.code))};
    } else if (c.code == 0x7F) {
      text += "␡";
    } else {
      text += c.bytes;
    }
    at += c.bytes.size();
  }
  return text;
}

/// Text as HTML and SVG take it, inside elements and quoted attributes. What no document may hold is made
/// visible: control characters but tab and newline, bytes that are no UTF-8.
inline std::string escaped(std::string_view text) {
  std::string out;
  for (const Character& c : characters(text)) {
    if (c.code == '&') {
      out += "&amp;";
    } else if (c.code == '<') {
      out += "&lt;";
    } else if (c.code == '>') {
      out += "&gt;";
    } else if (c.code == '"') {
      out += "&quot;";
    } else if (c.code == '\'') {
      out += "&#39;";
    } else if (!c.valid || ((c.code < 0x20 || c.code == 0x7F) && c.code != '\n' && c.code != '\t')) {
      out += visible(c.bytes);
    } else if (c.code == 0xFFFE || c.code == 0xFFFF) {
      out += "�";
    } else {
      out += c.bytes;
    }
  }
  return out;
}

}  // namespace ctgrad::report
