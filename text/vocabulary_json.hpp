#pragma once

#include <ctgrad/text/vocabulary_files.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The vocab.json of byte-level BPE.
namespace ctgrad::text {

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

}  // namespace ctgrad::text
