#pragma once

#include <ctgrad/text/unicode.hpp>
#include <ctgrad/text/utf8.hpp>

#include <cstddef>
#include <string_view>

namespace ctgrad::text {

/// The words that GPT-2 cuts a text into, within which alone bytes are joined: what the regular expression
///
///   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// finds, one after another, of which nothing is left over (Radford et al., "Language Models are Unsupervised
/// Multitask Learners", 2019: its published code).
class Gpt2Words {
 public:
  /// `text` must be UTF-8, and is needed as long as this is.
  explicit Gpt2Words(std::string_view text) : text_(text) {}

  /// The end of the word that begins at a byte before the text's end: that of the text, or of another word.
  std::size_t end_of_word(std::size_t begin) const {
    if (const std::size_t end = end_of_contraction(begin); end != begin) return end;
    const std::size_t behind_blank = text_[begin] == ' ' ? begin + 1 : begin;
    if (behind_blank < text_.size()) {
      const CharacterKind kind = kind_at(behind_blank).kind;
      if (kind != CharacterKind::space) return end_of_run(behind_blank, kind);
    }
    return end_of_spaces(begin);
  }

 private:
  struct Sized {
    CharacterKind kind;
    std::size_t size;
  };

  Sized kind_at(std::size_t at) const {
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) return {ascii_kinds[byte], 1};
    const CodePoint point = code_point_at(text_, at);
    return {character_kind(point.code), point.size};
  }

  std::size_t end_of_run(std::size_t at, CharacterKind kind) const {
    while (at < text_.size()) {
      const Sized next = kind_at(at);
      if (next.kind != kind) break;
      at += next.size;
    }
    return at;
  }

  /// Spaces before a word leave the last one to it.
  std::size_t end_of_spaces(std::size_t begin) const {
    std::size_t at = begin, last = begin;
    while (at < text_.size()) {
      const Sized next = kind_at(at);
      if (next.kind != CharacterKind::space) return last == begin ? at : last;
      last = at;
      at += next.size;
    }
    return at;
  }

  std::size_t end_of_contraction(std::size_t begin) const {
    if (text_[begin] != '\'') return begin;
    for (const std::string_view end : {"s", "t", "re", "ve", "m", "ll", "d"}) {
      if (text_.substr(begin + 1).starts_with(end)) return begin + 1 + end.size();
    }
    return begin;
  }

  std::string_view text_;
};

}  // namespace ctgrad::text
