#include "text.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/io/read_file.hpp>

#include <algorithm>
#include <stdexcept>

using ctgrad::io::Character;

namespace {

/// A character in UTF-8.
std::string utf8(char32_t code) {
  const auto byte = [&](unsigned lead, int shift) {
    return static_cast<char>(lead | (code >> shift & (lead == 0x80 ? 0x3Fu : 0x7Fu)));
  };
  if (code < 0x80) return {byte(0, 0)};
  if (code < 0x800) return {byte(0xC0, 6), byte(0x80, 0)};
  if (code < 0x10000) return {byte(0xE0, 12), byte(0x80, 6), byte(0x80, 0)};
  return {byte(0xF0, 18), byte(0x80, 12), byte(0x80, 6), byte(0x80, 0)};
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  return ctgrad::io::read_file(path, most_text_bytes);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const Character& character : ctgrad::io::characters(text)) {
    const bool plain = character.code == '\n' || character.code == '\t';
    if (plain || (character.valid && !ctgrad::io::is_control(character.code))) {
      out += character.bytes;
    } else {
      for (const char byte : character.bytes) out += ctgrad::io::escaped_byte(byte);
    }
  }
  return out;
}

Vocabulary::Vocabulary(const CharacterCounts& training, std::int32_t largest) {
  if (largest < 2) {
    throw std::invalid_argument("Vocabulary: largest: expected at least 2, got " + std::to_string(largest));
  }
  const std::span<const std::size_t> counts = training.by_code();
  std::vector<char32_t> kept;
  for (std::size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] >= 2) kept.push_back(static_cast<char32_t>(code));
  }
  std::ranges::stable_sort(kept, std::ranges::greater{}, [&](char32_t code) { return counts[code]; });
  kept.resize(std::min(kept.size(), static_cast<std::size_t>(largest) - 1));
  std::ranges::sort(kept);
  if (!kept.empty()) ids_.resize(kept.back() + 1, unknown);
  for (const char32_t code : kept) {
    ids_[code] = size();
    characters_.push_back(utf8(code));
  }
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for_each_character(text, [&](const Character& character) { ids.push_back(id_of(character.code)); });
  return ids;
}

std::string Vocabulary::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::int32_t id : ids)
    text += characters_[static_cast<std::size_t>(id >= 0 && id < size() ? id : unknown)];
  return text;
}

std::string Vocabulary::all() const {
  std::string text;
  for (const std::string& character : std::span(characters_).subspan(1)) text += character;
  return text;
}

namespace {

Part part_of_block(std::size_t block) {
  return block % 10 == 9 ? Part::held_out : block % 10 == 4 ? Part::validation : Part::fitting;
}

/// The characters of what is not held out.
CharacterCounts counts_of_training(std::string_view text, std::size_t block) {
  if (block == 0) throw std::invalid_argument("Corpus: block: expected at least 1, got 0");
  CharacterCounts counts;
  std::size_t size = 0;
  for_each_character(text, [&](const Character& character) {
    if (part_of_block(size++ / block) != Part::held_out) counts.add(character);
  });
  if (size / 10 < block) {
    throw std::invalid_argument("text: expected at least 10 times " + std::to_string(block) +
                                " characters, got " + std::to_string(size));
  }
  return counts;
}

}  // namespace

Corpus::Corpus(std::string_view text, std::int32_t largest, std::size_t block)
    : block_(block), vocabulary_(counts_of_training(text, block), largest) {
  ids_.reserve(static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; })));
  for_each_character(text,
                     [&](const Character& character) { ids_.push_back(vocabulary_.id_of(character.code)); });
}

Part Corpus::part_of(std::size_t position) const { return part_of_block(position / block_); }

std::vector<Stretch> Corpus::stretches(std::initializer_list<Part> parts) const {
  std::vector<Stretch> found;
  for (std::size_t begin = 0; begin < ids_.size(); begin += block_) {
    if (std::ranges::find(parts, part_of(begin)) == parts.end()) continue;
    const std::size_t end = std::min(begin + block_, ids_.size());
    if (!found.empty() && found.back().end == begin) {
      found.back().end = end;
    } else {
      found.push_back({begin, end});
    }
  }
  return found;
}

std::size_t count(std::span<const Stretch> stretches) {
  std::size_t sum = 0;
  for (const Stretch& stretch : stretches) sum += stretch.end - stretch.begin;
  return sum;
}

std::vector<Stretch> thinned(std::span<const Stretch> stretches, std::size_t most) {
  std::vector<Stretch> kept(stretches.begin(), stretches.end());
  for (std::size_t n = 2; count(kept) > most && n <= stretches.size(); ++n) {
    kept.clear();
    for (std::size_t i = 0; i < stretches.size(); i += n) kept.push_back(stretches[i]);
  }
  return kept;
}
