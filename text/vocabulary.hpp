#pragma once

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/text/utf8.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ctgrad::text {

/// What is wrong with the files of a vocabulary, and where: "FILE: PLACE: expected ..., got ...". All four
/// must be fit to be shown: what a file says goes through io::shown.
class VocabularyError : public std::runtime_error {
 public:
  VocabularyError(std::string_view file, std::string_view place, std::string_view expected,
                  std::string_view got)
      : std::runtime_error(std::string(file)
                               .append(": ")
                               .append(place)
                               .append(": expected ")
                               .append(expected)
                               .append(", got ")
                               .append(got)) {}
};

/// Throws that a token has two ids.
[[noreturn]] inline void refuse_second_id(std::string_view file, std::string_view token, std::size_t id,
                                          std::size_t first) {
  throw VocabularyError(file, "id " + std::to_string(id), "each token once",
                        io::in_quotes(token) + ", which is id " + std::to_string(first) + " as well");
}

/// The hash of a text that grows byte by byte: all beginnings of a word are hashed in one pass over it
/// (Fowler, Noll and Vo's FNV-1a).
class TokenHash {
 public:
  constexpr TokenHash() = default;
  constexpr explicit TokenHash(std::string_view text) {
    for (const char byte : text) add(byte);
  }

  constexpr void add(char byte) { state_ = (state_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3u; }

  /// The hash of all bytes so far, its bits mixed.
  constexpr std::uint64_t value() const {
    const std::uint64_t folded = (state_ ^ (state_ >> 32)) * 0x9E3779B97F4A7C15u;
    return folded ^ (folded >> 29);
  }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325u;
};

/// Texts and their ids, both ways. Ids begin at 0 and need not be dense: a gap is an id without a text, which
/// no text gives. It owns all that it holds; it does not change, so that any number of threads may use one.
class Vocabulary {
 public:
  /// How many ids a vocabulary may have. Those of the largest public models have a million.
  static constexpr std::size_t most = std::size_t{1} << 22;

  /// What `find` gives for a text that is not there.
  static constexpr std::int32_t none = -1;

  /// `tokens[id]` is a token's text, empty for a gap. Throws VocabularyError, about `file`, where there is
  /// none, two are the same, or there are more than `most`; and for a text that is no UTF-8, unless they may
  /// be bytes.
  explicit Vocabulary(std::span<const std::string_view> tokens, std::string_view file = "vocabulary",
                      bool of_bytes = false) {
    if (tokens.size() > most) {
      throw VocabularyError(file, "tokens", "at most " + std::to_string(most), std::to_string(tokens.size()));
    }
    std::size_t bytes = 0, texts = 0;
    for (const std::string_view token : tokens) {
      bytes += token.size();
      texts += token.empty() ? 0u : 1u;
    }
    texts_.reserve(bytes);
    ends_.reserve(tokens.size());
    slots_.resize(std::bit_ceil(2 * texts + 2));
    for (std::size_t id = 0; id < tokens.size(); ++id) add(id, tokens[id], file, of_bytes);
    if (texts_.empty()) throw VocabularyError(file, "tokens", "at least one", "none");
  }

  /// One more than the largest id: the rows of a model's embedding.
  std::size_t size() const { return ends_.size(); }

  /// How many ids below `size()` have no text.
  std::size_t gaps() const { return gaps_; }

  /// The bytes of the longest token.
  std::size_t longest() const { return longest_; }

  /// The text of a token; empty for a gap. Lives as long as the vocabulary. Throws std::out_of_range unless
  /// 0 <= id < size().
  std::string_view token(std::int32_t id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= size()) {
      throw std::out_of_range("token: expected an id from 0 to " + std::to_string(size() - 1) + ", got " +
                              std::to_string(id));
    }
    return at(static_cast<std::size_t>(id));
  }

  /// The id of a text, if it is a token.
  std::optional<std::int32_t> find(std::string_view token) const {
    const std::int32_t id = find(TokenHash(token).value(), {}, token);
    return id == none ? std::nullopt : std::optional(id);
  }

  /// The id of the text that is `prefix` and then `rest`, whose hash is `hash`; `none` if there is none.
  std::int32_t find(std::uint64_t hash, std::string_view prefix, std::string_view rest) const {
    for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.id == none) return none;
      if (slot.check != check(hash)) continue;
      const std::string_view text = at(static_cast<std::size_t>(slot.id));
      if (text.size() == prefix.size() + rest.size() && text.starts_with(prefix) && text.ends_with(rest)) {
        return slot.id;
      }
    }
  }

 private:
  struct Slot {
    std::int32_t id = none;
    std::uint32_t check = 0;
  };

  static std::uint32_t check(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  std::string_view at(std::size_t id) const {
    const std::size_t begin = id == 0 ? 0 : ends_[id - 1];
    return std::string_view(texts_).substr(begin, ends_[id] - begin);
  }

  void add(std::size_t id, std::string_view token, std::string_view file, bool of_bytes) {
    if (!of_bytes && valid_prefix(token) != token.size()) {
      throw VocabularyError(file, "id " + std::to_string(id), "a token in UTF-8", io::in_quotes(token));
    }
    texts_ += token;
    ends_.push_back(texts_.size());
    if (token.empty()) {
      ++gaps_;
      return;
    }
    const std::uint64_t hash = TokenHash(token).value();
    if (const std::int32_t other = find(hash, {}, token); other != none) {
      refuse_second_id(file, token, id, static_cast<std::size_t>(other));
    }
    std::size_t i = hash & (slots_.size() - 1);
    while (slots_[i].id != none) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = {static_cast<std::int32_t>(id), check(hash)};
    longest_ = std::max(longest_, token.size());
  }

  std::string texts_;              ///< of all tokens, one behind the other
  std::vector<std::size_t> ends_;  ///< where each one ends
  std::vector<Slot> slots_;        ///< ids by their texts' hashes: open addressing, at most half full
  std::size_t gaps_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace ctgrad::text
