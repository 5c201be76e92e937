#include "text.hpp"

#include <ctgrad/io/read_file.hpp>

#include <algorithm>
#include <stdexcept>

using ctgrad::report::Character;

std::string read_text(const std::filesystem::path& path) {
  return ctgrad::io::read_file(path, most_text_bytes);
}

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> found = ctgrad::report::characters(text);
  for (const Character& character : found) {
    if (!character.valid) {
      const auto offset = static_cast<std::size_t>(character.bytes.data() - text.data());
      throw std::invalid_argument("text: byte " + std::to_string(offset) + ": expected UTF-8, got " +
                                  std::to_string(character.code));
    }
  }
  return found;
}

Vocabulary::Vocabulary(std::span<const Character> training, std::int32_t most_kinds) {
  if (most_kinds < 2) {
    throw std::invalid_argument("Vocabulary: most_kinds: expected at least 2, got " +
                                std::to_string(most_kinds));
  }
  std::map<std::string_view, std::size_t> seen;
  for (const Character& character : training) ++seen[character.bytes];
  std::erase_if(seen, [](const auto& entry) { return entry.second < 2; });
  std::vector<std::pair<std::string_view, std::size_t>> kept(seen.begin(), seen.end());
  std::ranges::stable_sort(kept, std::ranges::greater{}, [](const auto& entry) { return entry.second; });
  kept.resize(std::min(kept.size(), static_cast<std::size_t>(most_kinds) - 1));
  std::ranges::sort(kept);
  for (const auto& [character, times] : kept) {
    ids_.emplace(character, kinds());
    characters_.emplace_back(character);
  }
}

std::int32_t Vocabulary::id_of(std::string_view character) const {
  const auto found = ids_.find(character);
  return found == ids_.end() ? unknown : found->second;
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const Character& character : characters_of(text)) ids.push_back(id_of(character.bytes));
  return ids;
}

std::string Vocabulary::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::int32_t id : ids)
    text += characters_[static_cast<std::size_t>(id >= 0 && id < kinds() ? id : unknown)];
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

/// What is not held out, one block behind the other.
std::vector<Character> training_part(std::span<const Character> text, std::size_t block) {
  if (block == 0) throw std::invalid_argument("Corpus: block: expected at least 1, got 0");
  if (text.size() < 10 * block) {
    throw std::invalid_argument("text: expected at least " + std::to_string(10 * block) +
                                " characters, got " + std::to_string(text.size()));
  }
  std::vector<Character> part;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (part_of_block(i / block) != Part::held_out) part.push_back(text[i]);
  }
  return part;
}

}  // namespace

Corpus::Corpus(std::string_view text, std::int32_t most_kinds, std::size_t block)
    : Corpus(characters_of(text), most_kinds, block) {}

Corpus::Corpus(std::span<const Character> text, std::int32_t most_kinds, std::size_t block)
    : block_(block), vocabulary_(training_part(text, block), most_kinds) {
  for (const Character& character : text) ids_.push_back(vocabulary_.id_of(character.bytes));
}

Part Corpus::part_of(std::size_t place) const { return part_of_block(place / block_); }

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
