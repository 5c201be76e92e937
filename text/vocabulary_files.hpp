#pragma once

#include <ctgrad/io/read_file.hpp>
#include <ctgrad/text/vocabulary.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <unordered_map>
#include <utility>

/// The files in which vocabularies come: vocab.txt of WordPiece, vocab.json and merges.txt of byte-level BPE.
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

/// Reads the text of a vocab.txt: a token a line, whose id is the line's number, from 0; blanks at a line's
/// end are no part of it. An empty line is a gap. Throws VocabularyError, about `file`, where a token is
/// there twice or is no UTF-8, or there is none.
inline Vocabulary parse_vocabulary_lines(std::string_view text, std::string_view file = "vocab.txt") {
  std::vector<std::string_view> lines = lines_of(without_byte_order_mark(text));
  for (std::string_view& line : lines) {
    while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) line.remove_suffix(1);
  }
  return Vocabulary(lines, file);
}

/// Reads a vocab.txt. Throws what io::read_file and `parse_vocabulary_lines` throw.
inline Vocabulary read_vocabulary_lines(const std::filesystem::path& path) {
  return parse_vocabulary_lines(io::read_file(path, vocabulary_file_limit), io::shown(path.native(), 1000));
}

/// The tokens of a vocab.json, as it spells them, by their ids; empty for gaps.
using TokensById = std::vector<std::string>;

/// Follows the parser's events in a vocab.json, and refuses all but one object of ids.
class VocabularyReader {
 public:
  VocabularyReader(std::string_view file, TokensById& tokens) : file_(file), tokens_(tokens) {}

  bool start_object(std::size_t) {
    if (started_) refuse("an object");
    started_ = true;
    return true;
  }
  bool key(std::string& key) {
    key_ = std::move(key);
    if (key_.empty()) throw VocabularyError(file_, "tokens", "texts", "an empty one");
    return true;
  }
  bool number_unsigned(std::uint64_t id) {
    if (!started_ || id >= Vocabulary::most) refuse("the number " + std::to_string(id));
    if (id >= tokens_.size()) tokens_.resize(static_cast<std::size_t>(id) + 1);
    std::string& token = tokens_[static_cast<std::size_t>(id)];
    if (!token.empty()) {
      throw VocabularyError(file_, "token " + io::in_quotes(key_), "an id of its own",
                            std::to_string(id) + ", which is that of " + io::in_quotes(token));
    }
    token = key_;
    return true;
  }
  bool end_object() { return true; }

  bool null() { refuse("null"); }
  bool boolean(bool value) { refuse(value ? "true" : "false"); }
  bool number_integer(std::int64_t number) { refuse("the number " + std::to_string(number)); }
  bool number_float(double, const std::string&) { refuse("a fraction"); }
  bool string(std::string& text) { refuse("the string " + io::in_quotes(text)); }
  bool start_array(std::size_t) { refuse("an array"); }
  bool end_array() { refuse("an array"); }
  bool binary(nlohmann::json::binary_t&) { refuse("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
    throw VocabularyError(file_, "tokens", "JSON",
                          "an error at byte " + std::to_string(position) + ": " + io::shown(error.what()));
  }

 private:
  [[noreturn]] void refuse(const std::string& got) const {
    if (!started_) throw VocabularyError(file_, "tokens", "an object of ids", got);
    throw VocabularyError(file_, "token " + io::in_quotes(key_),
                          "an id from 0 to " + std::to_string(Vocabulary::most - 1), got);
  }

  std::string_view file_;
  TokensById& tokens_;
  std::string key_;
  bool started_ = false;
};

/// Reads the text of a vocab.json: {"token": id, ...}. Ids need not be dense. Throws VocabularyError, about
/// `file`, unless it is one object in UTF-8 in which each token has one id, and each id one token.
inline TokensById parse_token_ids(std::string_view text, std::string_view file = "vocab.json") {
  const std::size_t zero = text.find('\0');  // which the parser would take for the end
  if (zero != std::string_view::npos) {
    throw VocabularyError(file, "tokens", "JSON", "a zero byte at " + std::to_string(zero));
  }
  text = without_byte_order_mark(text);
  TokensById tokens;
  VocabularyReader reader(file, tokens);
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  return tokens;
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
