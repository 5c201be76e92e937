#include "alphabet.hpp"

#include <stdexcept>

namespace {

/// As an error quotes it: what is no printable character of ASCII is given as its code.
std::string quoted(char character) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (character >= ' ' && character <= '~') return "'" + std::string(1, character) + "'";
  const auto code = static_cast<unsigned char>(character);
  return std::string("byte 0x") + digits[code / 16] + digits[code % 16];
}

}  // namespace

std::vector<std::int32_t> Alphabet::encode(std::string_view text, std::size_t most) const {
  if (text.empty() || text.size() > most) {
    throw std::invalid_argument("text: expected 1 to " + std::to_string(most) + " characters, got " +
                                std::to_string(text.size()));
  }
  const std::size_t position = text.find_first_not_of(characters_);
  if (position != std::string_view::npos) {
    throw std::invalid_argument("text: character " + std::to_string(position + 1) + ": expected one of '" +
                                std::string(characters_) + "', got " + quoted(text[position]));
  }
  std::vector<std::int32_t> ids;
  for (const char character : text) ids.push_back(static_cast<std::int32_t>(characters_.find(character)) + 2);
  return ids;
}

std::vector<std::int32_t> Alphabet::encode_decoded(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const char character : text)
    ids.push_back(character == '^' ? start : encode({&character, 1}, 1).front());
  return ids;
}

std::string Alphabet::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::int32_t id : ids) {
    if (id == end) break;
    text += id == start ? '^' : characters_.at(static_cast<std::size_t>(id) - 2);
  }
  return text;
}
