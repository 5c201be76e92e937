#pragma once

#include <ctgrad/text/byte_alphabet.hpp>
#include <ctgrad/text/encoding.hpp>
#include <ctgrad/text/gpt2_words.hpp>
#include <ctgrad/text/merges.hpp>
#include <ctgrad/text/special_tokens.hpp>
#include <ctgrad/text/vocabulary_json.hpp>

#include <atomic>
#include <map>
#include <memory>

namespace ctgrad::text {

/// How a byte-level tokenizer is set up. GPT-2's is `{.special_tokens = {"<|endoftext|>"}}`.
struct ByteLevelBpeOptions {
  std::vector<std::string> special_tokens = {};
  bool find_special_tokens =
      true;                   ///< a text that holds one has that token; else it is characters like others
  bool blank_before = false;  ///< puts a blank before a text that begins with none, as RoBERTa does
  InvalidUtf8 invalid_utf8 = InvalidUtf8::refused;
};

/// GPT-2's tokenizer: words by `Gpt2Words`, in each of which bytes are joined as merges.txt says. It gives
/// the tokens and offsets of the Python package `tokenizers`; a token's offsets are those of all characters
/// that it has a byte of, the blank before a word included. Any number of threads may use one.
class ByteLevelBpe {
 public:
  /// How many bytes a text may have.
  static constexpr std::size_t longest_text = std::size_t{1} << 30;

  /// Of the texts of a vocab.json and a merges.txt. Throws VocabularyError, about the files, where they are
  /// not what `parse_token_ids` and `parse_merge_lines` ask for, a byte has no token, a pair is there twice,
  /// or what it joins are no tokens; std::invalid_argument where a special token is none.
  ByteLevelBpe(std::string_view vocabulary_json, std::string_view merges,
               const ByteLevelBpeOptions& options = {}, std::string_view vocabulary_file = "vocab.json",
               std::string_view merges_file = "merges.txt")
      : ByteLevelBpe(Tokens(vocabulary_json, vocabulary_file), parse_merge_lines(merges, merges_file),
                     options, merges_file) {}

  /// Reads both files. Throws what io::read_file and the constructor throw.
  static ByteLevelBpe read(const std::filesystem::path& vocabulary, const std::filesystem::path& merges,
                           const ByteLevelBpeOptions& options = {}) {
    return {io::read_file(vocabulary, vocabulary_file_limit), io::read_file(merges, vocabulary_file_limit),
            options, io::shown(vocabulary.native(), 1000), io::shown(merges.native(), 1000)};
  }

  /// One more than the largest id: the rows of a model's embedding.
  std::size_t size() const { return tokens_.bytes.size(); }

  /// The id of a special token, or of the token of these bytes.
  std::optional<std::int32_t> find(std::string_view token) const { return tokens_.find(token); }

  /// The bytes of a token, which need not be whole characters; empty for a gap. Lives as long as this. Throws
  /// std::out_of_range unless 0 <= id < size().
  std::string_view bytes(std::int32_t id) const {
    const std::string_view bytes = tokens_.bytes.token(id);
    if (!bytes.empty()) return bytes;
    const auto other = tokens_.others.find(id);
    return other == tokens_.others.end() ? std::string_view() : std::string_view(other->second);
  }

  /// The tokens of a text, at most `most`. Throws std::invalid_argument, before the encoding has changed, for
  /// a text of more than `longest_text` bytes, and for one that is no UTF-8 where `invalid_utf8` refuses it.
  void encode(std::string_view text, Encoding& encoding, std::size_t most = unlimited) const {
    if (text.size() > longest_text) {
      throw std::invalid_argument("ByteLevelBpe: expected a text of at most " + std::to_string(longest_text) +
                                  " bytes, got " + std::to_string(text.size()));
    }
    if (options_.invalid_utf8 == InvalidUtf8::refused) require_utf8(text);
    encoding.clear();
    with_utf8(text, options_.invalid_utf8, encoding, [&](std::string_view utf8) {
      Joins joins;
      for (std::size_t from = 0; from < utf8.size() && encoding.size() <= most;) {
        const auto found = options_.find_special_tokens ? special_.next(utf8, from)
                                                        : SpecialTokens::Found{{utf8.size(), utf8.size()}};
        add(utf8.substr(from, found.bytes.begin - from), from, encoding, most, joins);
        if (found.id != Vocabulary::none) encoding.add(found.id, found.bytes);
        from = found.bytes.end;
      }
    });
    encoding.truncate(most);
  }

  Encoding encode(std::string_view text, std::size_t most = unlimited) const {
    Encoding encoding;
    encode(text, encoding, most);
    return encoding;
  }

  /// The text of tokens; without special ones, unless they are asked for. What is no UTF-8, since a character
  /// has been cut, becomes U+FFFD. Throws std::out_of_range for what is no id.
  std::string decode(std::span<const std::int32_t> ids, bool with_special_tokens = false) const {
    std::string text;
    for (const std::int32_t id : ids) {
      const std::string_view token = bytes(id);
      if (with_special_tokens || !special_.contains(id)) text += token;
    }
    return valid_prefix(text) == text.size() ? text : std::string(RepairedText(text).text());
  }

 private:
  /// What a vocab.json says.
  struct Tokens {
    Tokens(std::string_view json, std::string_view file) : Tokens(parse_token_ids(json, file), file) {}

    Tokens(TokensById spelled, std::string_view file) : bytes(of_bytes(spelled, others, file)) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        const char character = static_cast<char>(byte);
        const auto id = bytes.find({&character, 1});
        if (!id) {
          throw VocabularyError(file, "tokens", "one for each of the 256 bytes",
                                "none for " + io::escaped_byte(character));
        }
        of_byte[byte] = *id;
      }
    }

    std::optional<std::int32_t> find(std::string_view token) const {
      for (const auto& [id, text] : others) {
        if (text == token) return id;
      }
      return bytes.find(token);
    }

    /// The tokens that spell bytes, as bytes; the others, which no bytes give, are kept as they are.
    static Vocabulary of_bytes(TokensById& spelled, std::map<std::int32_t, std::string>& others,
                               std::string_view file) {
      std::vector<std::string_view> tokens;
      std::map<std::string_view, std::size_t> ids_of_others;
      for (std::size_t id = 0; id < spelled.size(); ++id) {
        if (auto found = bytes_spelled(spelled[id])) {
          spelled[id] = std::move(*found);
          tokens.push_back(spelled[id]);
        } else {
          const auto [first, is_new] = ids_of_others.emplace(spelled[id], id);
          if (!is_new) refuse_second_id(file, spelled[id], id, first->second);
          others.emplace(static_cast<std::int32_t>(id), spelled[id]);
          tokens.emplace_back();
        }
      }
      return Vocabulary(tokens, file, true);
    }

    std::map<std::int32_t, std::string> others;
    Vocabulary bytes;
    std::array<std::int32_t, 256> of_byte{};
  };

  /// What joining needs for words of any length; it is empty until there is a long one.
  struct Joins {
    std::vector<Piece> pieces;
    QueuedJoin queued;
  };

  static constexpr std::size_t short_word = 48;

  ByteLevelBpe(Tokens tokens, const std::vector<MergeLine>& lines, const ByteLevelBpeOptions& options,
               std::string_view merges_file)
      : tokens_(std::move(tokens)),
        merges_(lines.size()),
        options_(options),
        special_([&](std::string_view token) { return tokens_.find(token); }, options.special_tokens),
        whole_(new std::atomic<Whole>[tokens_.bytes.size()]()) {
    for (const MergeLine& line : lines) add(line, merges_file);
  }

  void add(const MergeLine& line, std::string_view file) {
    const auto id = [&](const std::optional<std::string>& bytes) {
      return bytes ? tokens_.bytes.find(*bytes).value_or(Vocabulary::none) : Vocabulary::none;
    };
    const auto left = bytes_spelled(line.left), right = bytes_spelled(line.right);
    const std::int32_t left_id = id(left), right_id = id(right);
    const std::int32_t joined = left && right ? id(*left + *right) : Vocabulary::none;
    const auto refuse = [&](const char* expected, const char* end) {
      throw VocabularyError(file, "line " + std::to_string(line.number), expected,
                            "'" + io::shown(line.left) + " " + io::shown(line.right) + "'" + end);
    };
    if (left_id == Vocabulary::none || right_id == Vocabulary::none || joined == Vocabulary::none) {
      refuse("two tokens that are one together", "");
    }
    if (!merges_.add(left_id, right_id, joined)) refuse("each pair once", " again");
  }

  void add(std::string_view piece, std::size_t from, Encoding& encoding, std::size_t most,
           Joins& joins) const {
    if (piece.empty()) return;
    if (!options_.blank_before || piece[0] == ' ') return add_words(piece, from, encoding, most, joins);
    const std::size_t first = encoding.size(), character = code_point_at(piece, 0).size;
    add_words(" " + std::string(piece), from, encoding, most, joins);
    for (std::size_t i = first; i < encoding.size(); ++i) {  // the blank stands for the first character
      ByteRange& bytes = encoding.offsets[i];
      bytes = {std::max(bytes.begin, from + 1) - 1, std::max(bytes.end - 1, from + character)};
    }
  }

  void add_words(std::string_view text, std::size_t from, Encoding& encoding, std::size_t most,
                 Joins& joins) const {
    const Gpt2Words words(text);
    for (std::size_t begin = 0; begin < text.size() && encoding.size() <= most;) {
      const std::size_t end = words.end_of_word(begin);
      add_word(text.substr(begin, end - begin), from + begin, encoding, joins);
      begin = end;
    }
  }

  /// Whether a word that is a token is joined into it: bytes of which no merge makes it are not. It is found
  /// out when such a word first comes.
  enum class Whole : std::uint8_t { unknown, yes, no };

  void add_word(std::string_view word, std::size_t from, Encoding& encoding, Joins& joins) const {
    std::int32_t id = Vocabulary::none;
    if (word.size() <= tokens_.bytes.longest()) id = tokens_.bytes.find(TokenHash(word).value(), {}, word);
    const Whole whole = id == Vocabulary::none ? Whole::no : whole_[id].load(std::memory_order_relaxed);
    if (whole == Whole::yes) return encoding.add(id, {from, from + word.size()});
    const std::size_t before = encoding.size();
    join(word, from, encoding, joins);
    if (whole == Whole::unknown) {
      const bool one = encoding.size() == before + 1;
      whole_[id].store(one ? Whole::yes : Whole::no, std::memory_order_relaxed);
    }
  }

  void join(std::string_view word, std::size_t from, Encoding& encoding, Joins& joins) const {
    const auto fill = [&](std::span<Piece> pieces) {
      for (std::size_t i = 0; i < word.size(); ++i) {
        pieces[i] = {tokens_.of_byte[static_cast<unsigned char>(word[i])], static_cast<std::uint32_t>(i)};
      }
    };
    if (word.size() <= short_word) {
      std::array<Piece, short_word> pieces;
      std::array<Merges::Merge, short_word> pairs;
      fill(pieces);
      const std::size_t count = join_by_looking(std::span(pieces).first(word.size()), pairs, merges_);
      return add_pieces(word, from, std::span(pieces).first(count), encoding);
    }
    joins.pieces.resize(word.size());
    fill(joins.pieces);
    const std::size_t count = joins.queued(joins.pieces, merges_);
    add_pieces(word, from, std::span(joins.pieces).first(count), encoding);
  }

  /// Adds tokens with the bytes of all characters that they have a byte of.
  static void add_pieces(std::string_view word, std::size_t from, std::span<const Piece> pieces,
                         Encoding& encoding) {
    const auto continues = [&](std::size_t at) {
      return at < word.size() && (static_cast<unsigned char>(word[at]) & 0xC0) == 0x80;
    };
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      std::size_t begin = pieces[i].begin, end = i + 1 < pieces.size() ? pieces[i + 1].begin : word.size();
      while (continues(begin)) --begin;
      while (continues(end)) ++end;
      encoding.add(pieces[i].id, {from + begin, from + end});
    }
  }

  Tokens tokens_;
  Merges merges_;
  ByteLevelBpeOptions options_;
  SpecialTokens special_;
  std::shared_ptr<std::atomic<Whole>[]> whole_;  ///< by ids; copies of a tokenizer share what they find out
};

}  // namespace ctgrad::text
