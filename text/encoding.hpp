#pragma once

#include <ctgrad/text/utf8.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ctgrad::text {

/// As many tokens as a text has.
inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// The tokens of a text, one element of each list a token. An encoding that is given to `encode` again keeps
/// its memory: tokenizing then allocates nothing, once it has been as long.
struct Encoding {
  std::vector<std::int32_t> ids;    ///< rows of a model's embedding
  std::vector<ByteRange> offsets;   ///< which bytes of the text; {0, 0} for special tokens that were added
  std::vector<std::int32_t> types;  ///< 0, and 1 for the second of a pair of texts
  bool truncated = false;           ///< whether tokens were left out, to keep to the most that were allowed

  std::size_t size() const { return ids.size(); }

  void clear() {
    ids.clear();
    offsets.clear();
    types.clear();
    truncated = false;
  }

  void add(std::int32_t id, ByteRange bytes, std::int32_t type = 0) {
    ids.push_back(id);
    offsets.push_back(bytes);
    types.push_back(type);
  }

  /// Leaves out tokens at the end until there are `most`.
  void truncate(std::size_t most) {
    if (size() <= most) return;
    ids.resize(most);
    offsets.resize(most);
    types.resize(most);
    truncated = true;
  }
};

/// Offsets in bytes as offsets in characters of that text, as Python counts them; what is no UTF-8 counts as
/// the U+FFFD that replace it.
inline std::vector<ByteRange> in_characters(std::string_view text, std::span<const ByteRange> offsets) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).size) begins.push_back(at);
  const auto character = [&](std::size_t byte) {
    return static_cast<std::size_t>(std::ranges::lower_bound(begins, byte) - begins.begin());
  };
  std::vector<ByteRange> counted;
  counted.reserve(offsets.size());
  for (const ByteRange& bytes : offsets) counted.push_back({character(bytes.begin), character(bytes.end)});
  return counted;
}

/// Calls `encode(utf8)` with a text, or with what repairs it where it is no UTF-8; afterwards the offsets of
/// the tokens that it has added are those of the text. Where such texts are refused, the caller has done so.
template <class Encode>
void with_utf8(std::string_view text, InvalidUtf8 invalid, Encoding& encoding, const Encode& encode) {
  if (invalid == InvalidUtf8::refused || valid_prefix(text) == text.size()) return encode(text);
  const std::size_t first = encoding.size();
  const RepairedText repaired(text);
  encode(repaired.text());
  for (std::size_t i = first; i < encoding.size(); ++i) {
    encoding.offsets[i] = repaired.original(encoding.offsets[i]);
  }
}

}  // namespace ctgrad::text
