#pragma once

#include <ctgrad/io/read_file.hpp>
#include <ctgrad/text/unicode.hpp>
#include <ctgrad/text/vocabulary.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The files of lines in which vocabularies come: vocab.txt of WordPiece, and merges.txt of byte-level BPE.
namespace ctgrad::text {

/// The bytes that such a file may have.
inline constexpr std::size_t vocabulary_file_limit = 256'000'000;

/// A text without the byte-order mark that some editors put before it.
inline std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

/// The lines of a text, which end with "\n" or "\r\n"; without the empty ones at its end.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

/// A line without the white space at its end: that of Unicode, as the reference implementation has it.
inline std::string_view without_space_at_end(std::string_view line) {
  while (!line.empty()) {
    std::size_t last = line.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(line[last]) & 0xC0) == 0x80) --last;
    const CodePoint point = code_point_at(line, last);
    if (last + point.size != line.size() || !is_white_space(point.code)) break;
    line.remove_suffix(point.size);
  }
  return line;
}

/// Reads the text of a vocab.txt: a token a line, whose id is the line's number, from 0; white space at a
/// line's end is no part of it. An empty line is a gap. Throws VocabularyError, about `file`, where a token
/// is there twice or is no UTF-8, or there is none.
inline Vocabulary parse_vocabulary_lines(std::string_view text, std::string_view file = "vocab.txt") {
  std::vector<std::string_view> lines = lines_of(without_byte_order_mark(text));
  for (std::string_view& line : lines) line = without_space_at_end(line);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return Vocabulary(lines, file);
}

/// Reads a vocab.txt. Throws what io::read_file and `parse_vocabulary_lines` throw.
inline Vocabulary read_vocabulary_lines(const std::filesystem::path& path) {
  return parse_vocabulary_lines(io::read_file(path, vocabulary_file_limit), io::shown(path.native(), 1000));
}

/// The two parts that a line of a merges.txt joins, as it spells them.
struct MergeLine {
  std::string_view left, right;
  std::size_t number = 0;  ///< of the line, from 1
};

/// Reads the text of a merges.txt: two parts a line, joined earlier the further up; lines that begin with
/// "#version" are left out. What it gives are views of `text`. Throws VocabularyError, about `file`, for
/// another line.
inline std::vector<MergeLine> parse_merge_lines(std::string_view text, std::string_view file = "merges.txt") {
  std::vector<MergeLine> merges;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(without_byte_order_mark(text))) {
    ++number;
    if (line.starts_with("#version")) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank + 1 == line.size() ||
        line.find(' ', blank + 1) != std::string_view::npos) {
      throw VocabularyError(file, "line " + std::to_string(number), "two parts with a blank between them",
                            line.empty() ? "an empty line" : io::in_quotes(line));
    }
    merges.push_back({line.substr(0, blank), line.substr(blank + 1), number});
  }
  return merges;
}

}  // namespace ctgrad::text
