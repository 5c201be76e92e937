#pragma once

#include <ctgrad/text/unicode.hpp>
#include <ctgrad/text/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace ctgrad::text {

/// What BERT's basic tokenizer does with a text before it cuts it into words (Devlin et al., "BERT", 2019:
/// its published code).
struct BertNormalization {
  bool clean_text = true;     ///< leaves out control and format characters, U+0000 and U+FFFD
  bool split_cjk = true;      ///< makes every Chinese character a word
  bool strip_accents = true;  ///< decomposes characters (NFD) and leaves out nonspacing marks
  bool lower_case = true;
};

/// Whether a character is in one of the blocks of Chinese characters, as BERT lists them.
constexpr bool is_cjk(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

/// Cuts texts into words, character by character: white space ends a word, a punctuation character is one.
/// The sink is told of every character of a word, with the bytes of the text that it comes from, by
/// `sink.character(char32_t, ByteRange)`, of every word's end by `sink.end_word()`; between two words it may
/// be told so several times. Where `sink.full()`, no more of a text is read.
///
/// A character that comes of several is attributed as the reference implementation does: marks that
/// decomposition puts in another order take the bytes of the marks in their old order.
template <class Sink>
class BertWords {
 public:
  BertWords(BertNormalization how, Sink& sink) : how_(how), sink_(sink) {
    marks_.reserve(room);
    sources_.reserve(room);
  }

  /// `text`, which is UTF-8, begins at byte `from` of the text that bytes are counted in; it ends the last
  /// word.
  void read(std::string_view text, std::size_t from) {
    for (std::size_t at = 0; at < text.size() && !sink_.full();) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < 0x80) {
        read_ascii(byte, {from + at, from + at + 1});
        ++at;
        continue;
      }
      const CodePoint point = code_point_at(text, at);
      read(point.code, {from + at, from + at + point.size});
      at += point.size;
    }
    end_marks();
    sink_.end_word();
  }

 private:
  static constexpr std::size_t room = 32;

  /// A character of a combining class other than 0, which waits for those behind it.
  struct Mark {
    char32_t code;
    std::uint8_t combining_class;
    bool added;  ///< it came of a character's decomposition, behind the first of it
  };

  void read_ascii(unsigned char byte, ByteRange source) {
    const AsciiKind kind = ascii_kind(byte);
    if (kind == AsciiKind::control && how_.clean_text) return;
    end_marks();
    switch (kind) {
      case AsciiKind::space:
        return sink_.end_word();
      case AsciiKind::punctuation:
        return single(byte, source);
      case AsciiKind::upper:
        return sink_.character(how_.lower_case ? byte + 32u : byte, source);
      case AsciiKind::control:  // vertical tabs and form feeds are white space where they are not left out
        return classified(byte, source);
      default:
        return sink_.character(byte, source);
    }
  }

  void read(char32_t code, ByteRange source) {
    if (how_.clean_text && (code == replacement_character || is_other(code))) return;
    if (how_.split_cjk && is_cjk(code)) {
      end_marks();
      sink_.end_word();
      decompose(code, source);
      end_marks();
      return sink_.end_word();
    }
    decompose(code, source);
  }

  void decompose(char32_t code, ByteRange source) {
    if (!how_.strip_accents) return stripped(code, source);
    bool added = false;
    for (const char32_t part : canonical_decomposition(code)) {
      const std::uint8_t combining = combining_class(part);
      if (combining == 0) {
        end_marks();
        source_ = source;
        unaccented(part, source);
      } else {
        marks_.push_back({part, combining, added});
        if (!added) sources_.push_back(source);
      }
      added = true;
    }
  }

  /// Puts the marks that wait in their canonical order, and goes on with them.
  void end_marks() {
    if (marks_.empty()) return;
    if (marks_.size() <= room) {
      for (auto i = marks_.begin(); i != marks_.end(); ++i) {
        const auto to =
            std::upper_bound(marks_.begin(), i, i->combining_class,
                             [](auto one, const Mark& mark) { return one < mark.combining_class; });
        std::rotate(to, i, i + 1);
      }
    } else {
      std::ranges::stable_sort(marks_, {}, &Mark::combining_class);
    }
    auto next = sources_.begin();
    for (const Mark& mark : marks_) {
      if (!mark.added) source_ = *next++;
      unaccented(mark.code, source_);
    }
    marks_.clear();
    sources_.clear();
  }

  void unaccented(char32_t code, ByteRange source) {
    if (!is_nonspacing_mark(code)) stripped(code, source);
  }

  void stripped(char32_t code, ByteRange source) {
    if (!how_.lower_case) return classified(code, source);
    for (const char32_t lower : lower_case(code)) classified(lower, source);
  }

  void classified(char32_t code, ByteRange source) {
    if (is_white_space(code)) return sink_.end_word();
    if (is_punctuation(code)) return single(code, source);
    sink_.character(code, source);
  }

  void single(char32_t code, ByteRange source) {
    sink_.end_word();
    sink_.character(code, source);
    sink_.end_word();
  }

  BertNormalization how_;
  Sink& sink_;
  ByteRange source_;  ///< of the last character that took bytes of its own
  std::array<std::byte, room * (sizeof(Mark) + sizeof(ByteRange)) + 64> memory_;
  std::pmr::monotonic_buffer_resource resource_{memory_.data(), memory_.size()};
  std::pmr::vector<Mark> marks_{&resource_};
  std::pmr::vector<ByteRange> sources_{&resource_};
};

}  // namespace ctgrad::text
