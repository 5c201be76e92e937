#pragma once

#include <ctgrad/text/bert_words.hpp>
#include <ctgrad/text/encoding.hpp>
#include <ctgrad/text/special_tokens.hpp>
#include <ctgrad/text/vocabulary_files.hpp>

namespace ctgrad::text {

/// How BERT's tokenizer is set up; unless said otherwise, as bert-base-uncased and all-MiniLM-L6-v2 have it.
/// A model with cased words wants `{.lower_case = false}`.
struct WordPieceOptions {
  bool clean_text = true;  ///< leaves out control and format characters, U+0000 and U+FFFD
  bool split_cjk = true;   ///< makes every Chinese character a word
  bool lower_case = true;
  std::optional<bool> strip_accents{};  ///< unless it says so: where `lower_case`
  std::size_t most_characters = 100;    ///< of a word; a longer one is unknown; at most 256
  std::string unknown = "[UNK]";
  std::string begin = "[CLS]";
  std::string end = "[SEP]";
  std::vector<std::string> other_special_tokens = {"[PAD]", "[MASK]"};
  bool find_special_tokens = true;  ///< a text that holds "[SEP]" has that token; else these are 5 characters
  InvalidUtf8 invalid_utf8 = InvalidUtf8::refused;
};

/// BERT's tokenizer: words by `BertWords`, each cut into the longest tokens from its beginning on; those that
/// do not begin a word are spelled with "##" before them (Wu et al., "Google's Neural Machine Translation
/// System", 2016). It gives the tokens and offsets of the Python package `tokenizers`. It does not change, so
/// that any number of threads may use one.
class WordPiece {
 public:
  /// The most characters of a word that `most_characters` may ask for.
  static constexpr std::size_t longest_word = 256;

  /// Throws std::invalid_argument where the vocabulary lacks a special token, or an option is out of range.
  explicit WordPiece(Vocabulary vocabulary, const WordPieceOptions& options = {})
      : vocabulary_(std::move(vocabulary)),
        options_(options),
        how_{options.clean_text, options.split_cjk, options.strip_accents.value_or(options.lower_case),
             options.lower_case} {
    if (options_.most_characters == 0 || options_.most_characters > longest_word) {
      throw std::invalid_argument("WordPiece: expected most_characters from 1 to " +
                                  std::to_string(longest_word) + ", got " +
                                  std::to_string(options_.most_characters));
    }
    std::vector<std::string> special = options_.other_special_tokens;
    special.insert(special.end(), {options_.unknown, options_.begin, options_.end});
    special_ =
        SpecialTokens([&](std::string_view token) { return vocabulary_.find(token); }, std::move(special));
    unknown_ = *vocabulary_.find(options_.unknown);
    begin_ = *vocabulary_.find(options_.begin);
    end_ = *vocabulary_.find(options_.end);
  }

  /// Reads a vocab.txt. Throws what `read_vocabulary_lines` and the constructor throw.
  static WordPiece read(const std::filesystem::path& path, const WordPieceOptions& options = {}) {
    return WordPiece(read_vocabulary_lines(path), options);
  }

  const Vocabulary& vocabulary() const { return vocabulary_; }

  /// A text as [CLS] tokens [SEP], at most `most` tokens in all. Throws std::invalid_argument, before the
  /// encoding has changed, for a text that is no UTF-8 where `invalid_utf8` refuses it, and for `most`
  /// below 2.
  void encode(std::string_view text, Encoding& encoding, std::size_t most = unlimited) const {
    require(text, most, 2, "text");
    encoding.clear();
    encoding.add(begin_, {});
    add(text, encoding, most - 1, 0);
    encoding.truncate(most - 1);
    encoding.add(end_, {});
  }

  Encoding encode(std::string_view text, std::size_t most = unlimited) const {
    Encoding encoding;
    encode(text, encoding, most);
    return encoding;
  }

  /// Two texts as [CLS] tokens [SEP] tokens [SEP], the types of what belongs to the second being 1; the
  /// offsets are those of each text itself. Of too many tokens the longer text loses its last ones until both
  /// are equally long, then both do. Both are read to their ends. Throws as for one text, and for `most`
  /// below 3.
  void encode_pair(std::string_view first, std::string_view second, Encoding& encoding,
                   std::size_t most = unlimited) const {
    require(first, most, 3, "first text");
    require(second, most, 3, "second text");
    encoding.clear();
    encoding.add(begin_, {});
    add(first, encoding, unlimited, 0);
    const std::size_t of_first = encoding.size() - 1;
    add(second, encoding, unlimited, 1);
    truncate_pair(encoding, of_first, most - 3);
    encoding.add(end_, {}, 1);
  }

  Encoding encode_pair(std::string_view first, std::string_view second, std::size_t most = unlimited) const {
    Encoding encoding;
    encode_pair(first, second, encoding, most);
    return encoding;
  }

  /// The words of tokens with blanks between them, without special tokens: not the text that they came from,
  /// of which case, accents and white space are lost. Throws std::out_of_range for what is no id.
  std::string decode(std::span<const std::int32_t> ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
      const std::string_view token = vocabulary_.token(id);
      if (special_.contains(id)) continue;
      const bool continues = token.starts_with(continuation);
      if (!continues && !text.empty()) text += ' ';
      text += continues ? token.substr(continuation.size()) : token;
    }
    return text;
  }

 private:
  static constexpr std::string_view continuation = "##";

  /// The word that is being read: its characters, each with its bytes in the text. Beyond the most characters
  /// it only counts them.
  class Word {
   public:
    Word(const WordPiece& tokenizer, Encoding& encoding, std::size_t most, std::int32_t type)
        : tokenizer_(tokenizer), encoding_(encoding), most_(most), type_(type) {}

    bool full() const { return encoding_.size() > most_; }

    void character(char32_t code, ByteRange source) {
      if (count_ < longest_word) {
        sources_[count_] = source;
        ends_[count_ + 1] =
            static_cast<std::uint16_t>(ends_[count_] + write_code_point(code, bytes_.data() + ends_[count_]));
      }
      if (count_ == 0) begin_ = source.begin;
      end_ = source.end;
      ++count_;
    }

    void end_word() {
      if (count_ == 0) return;
      if (count_ > tokenizer_.options_.most_characters || !add_pieces()) {
        encoding_.add(tokenizer_.unknown_, {begin_, end_}, type_);
      }
      count_ = 0;
    }

   private:
    /// Adds the tokens of the word; none, and false, where there are none for all of it.
    bool add_pieces() {
      const std::size_t before = encoding_.size();
      for (std::size_t from = 0; from < count_;) {
        const auto [id, to] = longest_piece(from);
        if (id == Vocabulary::none) {
          const bool was_truncated = encoding_.truncated;
          encoding_.truncate(before);
          encoding_.truncated = was_truncated;
          return false;
        }
        encoding_.add(id, {sources_[from].begin, sources_[to - 1].end}, type_);
        from = to;
      }
      return true;
    }

    /// The longest token that begins at a character of the word, and the character behind it.
    std::pair<std::int32_t, std::size_t> longest_piece(std::size_t from) {
      const std::string_view prefix = from == 0 ? std::string_view() : continuation;
      const std::size_t longest = tokenizer_.vocabulary_.longest();
      TokenHash hash(prefix);
      std::size_t to = from;
      while (to < count_ && prefix.size() + ends_[to + 1] - ends_[from] <= longest) {
        for (std::size_t i = ends_[to]; i < ends_[to + 1]; ++i) hash.add(bytes_[i]);
        hashes_[++to] = hash;
      }
      for (; to > from; --to) {
        const std::string_view rest(bytes_.data() + ends_[from], std::size_t{ends_[to]} - ends_[from]);
        const std::int32_t id = tokenizer_.vocabulary_.find(hashes_[to].value(), prefix, rest);
        if (id != Vocabulary::none) return {id, to};
      }
      return {Vocabulary::none, from};
    }

    const WordPiece& tokenizer_;
    Encoding& encoding_;
    std::size_t most_;
    std::int32_t type_;
    std::size_t count_ = 0, begin_ = 0, end_ = 0;
    std::array<char, 4 * longest_word> bytes_;
    std::array<std::uint16_t, longest_word + 1>
        ends_{};  ///< of characters; `ends_[i]` is where character i begins
    std::array<ByteRange, longest_word> sources_;
    std::array<TokenHash, longest_word + 1>
        hashes_;  ///< of the word from a piece's beginning to each character
  };

  void require(std::string_view text, std::size_t most, std::size_t least, std::string_view name) const {
    if (most < least) {
      throw std::invalid_argument("WordPiece: expected room for " + std::to_string(least) +
                                  " special tokens, got " + std::to_string(most));
    }
    if (options_.invalid_utf8 == InvalidUtf8::refused) require_utf8(text, name);
  }

  /// Adds a text's tokens; stops somewhere beyond `most` tokens in all.
  void add(std::string_view text, Encoding& encoding, std::size_t most, std::int32_t type) const {
    with_utf8(text, options_.invalid_utf8, encoding, [&](std::string_view utf8) {
      Word word(*this, encoding, most, type);
      BertWords words(how_, word);
      for (std::size_t from = 0; from < utf8.size() && !word.full();) {
        const auto found = options_.find_special_tokens ? special_.next(utf8, from)
                                                        : SpecialTokens::Found{{utf8.size(), utf8.size()}};
        words.read(utf8.substr(from, found.bytes.begin - from), from);
        if (found.id != Vocabulary::none) encoding.add(found.id, found.bytes, type);
        from = found.bytes.end;
      }
    });
  }

  /// Leaves at most `room` tokens of both texts, and puts [SEP] behind the first.
  void truncate_pair(Encoding& encoding, std::size_t of_first, std::size_t room) const {
    const std::size_t of_second = encoding.size() - 1 - of_first;
    const std::size_t shorter = std::min(of_first, of_second);
    std::size_t first = of_first, second = of_second;
    if (first + second > room) {
      if (2 * shorter > room) {
        (of_first > of_second ? second : first) = room / 2;
        (of_first > of_second ? first : second) = room - room / 2;
      } else {
        (of_first > of_second ? first : second) = room - shorter;
      }
      encoding.truncated = true;
    }
    replace(encoding.ids, 1 + first, 1 + of_first, end_);
    replace(encoding.offsets, 1 + first, 1 + of_first, ByteRange{});
    replace(encoding.types, 1 + first, 1 + of_first, 0);
    encoding.truncate(2 + first + second);
  }

  /// Puts one element in the place of those from `begin` on that end before `end`.
  template <class T>
  static void replace(std::vector<T>& list, std::size_t begin, std::size_t end, T by) {
    const auto at = [&](std::size_t i) { return list.begin() + static_cast<std::ptrdiff_t>(i); };
    if (begin == end) {
      list.insert(at(begin), by);
    } else {
      *at(begin) = by;
      list.erase(at(begin + 1), at(end));
    }
  }

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  BertNormalization how_;
  SpecialTokens special_;
  std::int32_t unknown_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace ctgrad::text
