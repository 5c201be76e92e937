#pragma once

#include <ctgrad/io/utf8.hpp>

#include <filesystem>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Texts as characters, for models that read and write them by the character: which characters there are, and
/// which parts of a text are for what.

/// The bytes that a text may have: a book has one million, and all of Shakespeare's works five.
inline constexpr std::size_t most_text_bytes = 64 << 20;

/// The bytes of a file. Throws std::system_error, naming file and cause, as io::read_file does.
std::string read_text(const std::filesystem::path& path);

/// Calls `take(character)` with the characters of UTF-8, one after the other. Throws std::invalid_argument
/// naming the first byte that belongs to none.
template <class Take>
void for_each_character(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    const ctgrad::io::Character character = ctgrad::io::first_character(text.substr(at));
    if (!character.valid) {
      throw std::invalid_argument("text: byte " + std::to_string(at) + ": expected UTF-8, got " +
                                  std::to_string(character.code));
    }
    take(character);
    at += character.bytes.size();
  }
}

/// A text for a terminal: what would command it is shown as \x1B, but for newlines and tabs.
std::string printable(std::string_view text);

/// How often every character comes.
class CharacterCounts {
 public:
  void add(const ctgrad::io::Character& character) {
    if (counts_.size() <= character.code) counts_.resize(character.code + 1);
    ++counts_[character.code];
  }

  /// By code point: as many as the largest one needs.
  std::span<const std::size_t> by_code() const { return counts_; }

 private:
  std::vector<std::size_t> counts_;
};

/// Characters as ids, 0, ..., size() - 1. Id 0 stands for every character without an id of its own, as if
/// all these were one: whoever predicts "unknown" pays for that, and need not say which one it was.
class Vocabulary {
 public:
  static constexpr std::int32_t unknown = 0;

  /// The characters that training holds at least twice, in ascending order. Those that it holds once stay
  /// unknown, so that models see what unknown is worth. Where there are `largest` of them or more, only the
  /// most frequent ones get an id, of equally frequent ones the lower.
  Vocabulary(const CharacterCounts& training, std::int32_t largest);

  std::int32_t size() const { return static_cast<std::int32_t>(characters_.size()); }
  std::int32_t id_of(char32_t code) const { return code < ids_.size() ? ids_[code] : unknown; }

  /// Ids and back; unknown becomes U+FFFD, and so does what is no id here, as models may have a larger one.
  /// `encode` throws as for_each_character does.
  std::vector<std::int32_t> encode(std::string_view text) const;
  std::string decode(std::span<const std::int32_t> ids) const;

  /// All characters that have an id of their own, one behind the other.
  std::string all() const;

 private:
  std::vector<std::string> characters_{"\uFFFD"};
  std::vector<std::int32_t> ids_;  ///< by code point
};

/// The characters [begin, end) of a text.
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// What a block of a text is for. The training part is `fitting` and `validation` together: the first is
/// learned from, the second says when to stop. Held-out blocks are for the final figures alone.
enum class Part : std::uint8_t { fitting, validation, held_out };

/// A text cut in blocks of equal length, the last perhaps shorter. Of every ten blocks, the fifth is for
/// validation and the tenth held out. Blocks from all over a text are more alike than its end and the rest,
/// as most texts change on their way.
class Corpus {
 public:
  static constexpr std::size_t usual_block = 500;

  /// The vocabulary is that of the training part. Throws std::invalid_argument where `text` is no UTF-8 and
  /// where it has fewer than ten blocks.
  Corpus(std::string_view text, std::int32_t largest, std::size_t block = usual_block);

  const Vocabulary& vocabulary() const { return vocabulary_; }
  std::span<const std::int32_t> ids() const { return ids_; }

  Part part_of(std::size_t position) const;

  /// Where these parts lie, in order; neighbouring blocks are one stretch.
  std::vector<Stretch> stretches(std::initializer_list<Part> parts) const;

 private:
  std::size_t block_;
  Vocabulary vocabulary_;
  std::vector<std::int32_t> ids_;
};

/// Every n-th of these, with the least n that leaves `most` characters or fewer; the first in any case.
std::vector<Stretch> thinned(std::span<const Stretch> stretches, std::size_t most);

/// How many characters there are in all.
std::size_t count(std::span<const Stretch> stretches);

/// What it costs to predict characters, each from those before it.
struct TextLoss {
  double mean = 0;  ///< nats a character
  std::size_t characters = 0;
};
