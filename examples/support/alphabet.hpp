#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Characters as ids, for models that read and write texts by the character. Two ids are no character: `end`
/// stands behind a text, as often as there is room, and `start` before what a decoder writes.
class Alphabet {
 public:
  static constexpr std::int32_t end = 0, start = 1;

  /// `characters` must be different ones; the first has id 2. They must outlive the alphabet.
  constexpr explicit Alphabet(std::string_view characters) : characters_(characters) {}

  /// The number of ids.
  constexpr std::int32_t vocabulary() const { return static_cast<std::int32_t>(characters_.size()) + 2; }

  /// The ids of a text, without an end. Throws std::invalid_argument for a text of no or more than `most`
  /// characters, and for a character that is none of the alphabet's, naming its position.
  std::vector<std::int32_t> encode(std::string_view text, std::size_t most) const;

  /// The ids of what `decode` gave: of any length, none as well, and with '^' for `start`.
  std::vector<std::int32_t> encode_decoded(std::string_view text) const;

  /// The text up to the first `end`, or of all ids; `start` is shown as '^'.
  std::string decode(std::span<const std::int32_t> ids) const;

 private:
  std::string_view characters_;
};
