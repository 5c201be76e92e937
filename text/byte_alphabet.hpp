#pragma once

#include <ctgrad/text/utf8.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctgrad::text {

/// The characters that byte-level vocabularies spell bytes with: those of Latin-1 that can be seen stand for
/// themselves, the other bytes are U+0100 and those behind it, in their order ("Ġ" is a blank).
inline constexpr std::array<char32_t, 256> byte_characters = [] {
  std::array<char32_t, 256> characters{};
  char32_t next = 256;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool seen = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = seen ? byte : next++;
  }
  return characters;
}();

/// A token of such a vocabulary as the bytes that it spells; nothing where it holds other characters.
inline std::optional<std::string> bytes_spelled(std::string_view token) {
  static constexpr std::array<std::int16_t, 324> bytes_of = [] {
    std::array<std::int16_t, 324> bytes{};
    bytes.fill(-1);
    for (std::int16_t byte = 0; byte < 256; ++byte)
      bytes[byte_characters[static_cast<std::size_t>(byte)]] = byte;
    return bytes;
  }();
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const CodePoint point = code_point_at(token, at);
    if (point.code >= bytes_of.size() || bytes_of[point.code] < 0) return std::nullopt;
    bytes += static_cast<char>(bytes_of[point.code]);
    at += point.size;
  }
  return bytes;
}

}  // namespace ctgrad::text
