#pragma once

#include <ctgrad/report/text.hpp>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>

/// Texts as characters, for models that read and write them by the character: which characters there are, and
/// which parts of a text are for what.

/// The bytes that a text may have: a book has one million, and all of Shakespeare's works five.
inline constexpr std::size_t most_text_bytes = 64 << 20;

/// The bytes of a file. Throws std::system_error, naming file and cause, as io::read_file does.
std::string read_text(const std::filesystem::path& path);

/// The characters of UTF-8. Throws std::invalid_argument naming the first byte that belongs to none.
std::vector<ctgrad::report::Character> characters_of(std::string_view text);

/// Characters as ids, 0, ..., kinds() - 1. Id 0 stands for every character without an id of its own, as if
/// all these were one: whoever predicts "unknown" pays for that, and need not say which one it was.
class Vocabulary {
 public:
  static constexpr std::int32_t unknown = 0;

  /// The characters that `training` holds at least twice, in ascending order. Those that it holds once stay
  /// unknown, so that models see what unknown is worth. Where there are `most_kinds` or more, only the most
  /// frequent ones get an id, of equally frequent ones the lower.
  Vocabulary(std::span<const ctgrad::report::Character> training, std::int32_t most_kinds);

  std::int32_t kinds() const { return static_cast<std::int32_t>(characters_.size()); }
  std::int32_t id_of(std::string_view character) const;

  /// Ids and back; unknown becomes U+FFFD, and so does what is no id here, as models may have more kinds.
  /// `encode` throws as `characters_of` does.
  std::vector<std::int32_t> encode(std::string_view text) const;
  std::string decode(std::span<const std::int32_t> ids) const;

  /// All characters that have an id of their own, one behind the other.
  std::string all() const;

 private:
  std::vector<std::string> characters_{"\uFFFD"};
  std::map<std::string, std::int32_t, std::less<>> ids_;
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
  Corpus(std::string_view text, std::int32_t most_kinds, std::size_t block = usual_block);

  const Vocabulary& vocabulary() const { return vocabulary_; }
  std::span<const std::int32_t> ids() const { return ids_; }

  Part part_of(std::size_t place) const;

  /// Where these parts lie, in order; neighbouring blocks are one stretch.
  std::vector<Stretch> stretches(std::initializer_list<Part> parts) const;

 private:
  Corpus(std::span<const ctgrad::report::Character> text, std::int32_t most_kinds, std::size_t block);

  std::size_t block_;
  Vocabulary vocabulary_;
  std::vector<std::int32_t> ids_;
};

/// How many characters there are in all.
std::size_t count(std::span<const Stretch> stretches);

/// What it costs to predict characters, each from those before it.
struct TextLoss {
  double mean = 0;  ///< nats a character
  std::size_t characters = 0;
};
