#include "fuzz.hpp"

#include <ctgrad/text/byte_level_bpe.hpp>
#include <ctgrad/text/word_piece.hpp>

#include <stdexcept>

/// Tokenizers: any bytes and texts of many scripts, with any limit. Offsets lie in the text and in its order,
/// tokens are those of the vocabulary, fewer tokens are the first of more, and bytes come back as they were.

using namespace ctgrad::text;
using fuzz::Choices;
using fuzz::require;

namespace {

std::string made_text(Choices& choices) {
  static constexpr const char* pieces[] = {"a",          "b",
                                           "the",        "The",
                                           " ",          "\n",
                                           "\t",         "'s",
                                           "é",          "É",
                                           "e\u0301",    "\u0323",
                                           "日",         "가",
                                           "\u1100",     "\u0301",
                                           "\u0344",     "İ",
                                           "\u200D",     "\U0001F642",
                                           "[MASK]",     "<|endoftext|>",
                                           "!",          "...",
                                           "#",          "1",
                                           "½",          "क्",
                                           "\u3000",     "\u00A0",
                                           "\u0F73",     "ẞ",
                                           "\U0001D165", "\x7F",
                                           "x",          "[SEP",
                                           "\xE2",       "\x82",
                                           "\xED",       "\xF0\x9F",
                                           "\uFFFD",     "\U00011938",
                                           "\u0898"};
  std::string text;
  while (choices.any_left()) {
    const std::string piece = choices.of(pieces);
    for (std::size_t count = choices.below(16) == 0 ? 1 + choices.byte() : 1; count > 0; --count)
      text += piece;
  }
  return text;
}

/// A vocab.json of all bytes and of a few joins, and their merges.txt.
ByteLevelBpe byte_level_bpe(InvalidUtf8 invalid, bool blank_before) {
  nlohmann::json vocabulary;
  const auto spelled = [](std::string_view bytes) {
    std::string token;
    for (const char byte : bytes) {
      std::array<char, 4> buffer{};
      token.append(buffer.data(),
                   write_code_point(byte_characters[static_cast<unsigned char>(byte)], buffer.data()));
    }
    return token;
  };
  for (int byte = 0; byte < 256; ++byte) vocabulary[spelled(std::string(1, static_cast<char>(byte)))] = byte;
  std::string merges;
  int id = 256;
  for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{{"t", "h"},
                                                                                    {"th", "e"},
                                                                                    {" ", "the"},
                                                                                    {"a", "a"},
                                                                                    {"aa", "aa"},
                                                                                    {"\xC3", "\xA9"},
                                                                                    {"\xE6", "\x97"},
                                                                                    {"a", "b"},
                                                                                    {"b", "a"},
                                                                                    {" ", " "},
                                                                                    {"\xEF", "\xBF"},
                                                                                    {"e", "\xCC"}}) {
    vocabulary[spelled(left + right)] = id++;
    merges += spelled(left) + " " + spelled(right) + "\n";
  }
  vocabulary["<|endoftext|>"] = id;
  return {vocabulary.dump(),
          merges,
          {.special_tokens = {"<|endoftext|>"}, .blank_before = blank_before, .invalid_utf8 = invalid}};
}

WordPiece word_piece(InvalidUtf8 invalid, bool lower_case) {
  return WordPiece(parse_vocabulary_lines(
                       "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n##the\n##e\ne\na\n##a\nb\n##b\n日\n!\n#\n"
                       "1\n\xE1\x84\x80\n##\xE1\x85\xA1\n.\ni\nx\n##x\n##xx\nThe\né\n##é\n"),
                   {.lower_case = lower_case, .invalid_utf8 = invalid});
}

void check_offsets(const Encoding& encoding, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    const ByteRange bytes = encoding.offsets[i];
    if (bytes == ByteRange{}) continue;  // of [CLS] and [SEP]
    require(bytes.begin < bytes.end && bytes.end <= text.size(), "a token has bytes of the text", text);
    require(bytes.begin >= begin, "tokens stand in the text's order", text);
    begin = bytes.begin;
  }
  require(encoding.offsets.size() == encoding.size() && encoding.types.size() == encoding.size(),
          "lists are equally long");
}

template <class Tokenizer>
Encoding check(const Tokenizer& refusing, const Tokenizer& replacing, std::string_view text,
               std::size_t most) {
  const Encoding whole = replacing.encode(text);
  check_offsets(whole, text);
  require(!whole.truncated, "nothing is left out unless it must", text);
  const Encoding part = replacing.encode(text, most);
  require(part.truncated == (whole.size() > most) && part.size() == std::min(most, whole.size()),
          "a limit is kept", text);
  const bool valid = valid_prefix(text) == text.size();
  try {
    const Encoding again = refusing.encode(text);
    require(valid && again.ids == whole.ids && again.offsets == whole.offsets, "UTF-8 alone is taken", text);
    fuzz::count_taken(!text.empty());
  } catch (const std::invalid_argument& error) {
    require(!valid, "UTF-8 is taken", text);
    fuzz::require_readable(error.what(), "text: ");
  }
  return whole;
}

void check_byte_level(std::string_view text, std::size_t most, bool blank_before) {
  static const ByteLevelBpe tokenizers[] = {
      byte_level_bpe(InvalidUtf8::refused, false), byte_level_bpe(InvalidUtf8::replaced, false),
      byte_level_bpe(InvalidUtf8::refused, true), byte_level_bpe(InvalidUtf8::replaced, true)};
  const ByteLevelBpe& replacing = tokenizers[blank_before ? 3 : 1];
  const Encoding whole = check(tokenizers[blank_before ? 2 : 0], replacing, text, most);
  const std::string decoded = replacing.decode(whole.ids, true);
  if (!blank_before) require(decoded == RepairedText(text).text(), "a text comes back", text);
  for (std::size_t i = 1; i < whole.size(); ++i) {
    require(whole.offsets[i].begin <= whole.offsets[i - 1].end, "no byte of a text is left out", text);
  }
  if (!whole.ids.empty())
    require(whole.offsets.back().end == text.size(), "no byte at the end is left out", text);
}

/// A pair has the first tokens of both texts, each with [CLS] and [SEP] in `first` and `second`, and its
/// types say where the second begins.
void check_parts(const Encoding& pair, const Encoding& first, const Encoding& second) {
  const auto begins = std::ranges::find(pair.types, 1) - pair.types.begin();
  const auto ends = std::ssize(pair.ids) - 1;
  require(begins >= 2 && begins <= std::ssize(first.ids) && ends - begins <= std::ssize(second.ids) - 2,
          "a pair has no tokens but those of its texts");
  require(std::equal(pair.ids.begin(), pair.ids.begin() + begins - 1, first.ids.begin()) &&
              std::equal(pair.ids.begin() + begins, pair.ids.begin() + ends, second.ids.begin() + 1),
          "a pair has the first tokens of both texts");
  require(std::all_of(pair.types.begin() + begins, pair.types.end(), [](auto type) { return type == 1; }),
          "the second text is of type 1");
}

void check_words(std::string_view text, std::string_view other, std::size_t most, bool lower_case) {
  static const WordPiece tokenizers[] = {
      word_piece(InvalidUtf8::refused, true), word_piece(InvalidUtf8::replaced, true),
      word_piece(InvalidUtf8::refused, false), word_piece(InvalidUtf8::replaced, false)};
  const WordPiece& replacing = tokenizers[lower_case ? 1 : 3];
  const Encoding whole = check(tokenizers[lower_case ? 0 : 2], replacing, text, 2 + most);
  for (const std::int32_t id : whole.ids)
    require(!replacing.vocabulary().token(id).empty(), "a token is one", text);
  const Encoding second = replacing.encode(other);
  const Encoding pair = replacing.encode_pair(text, other, 3 + most);
  check_parts(pair, whole, second);
  require(pair.size() == std::min(3 + most, whole.size() + second.size() - 1), "a limit of a pair is kept",
          text);
  require(pair.truncated == (whole.size() + second.size() - 1 > 3 + most), "a pair says that it was cut",
          text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::size_t most = choices.below(4) == 0 ? choices.byte() : choices.below(8);
  const bool other_way = choices.below(2) == 0;
  const std::string made = choices.below(4) == 0 ? std::string() : made_text(choices);
  const std::string_view text = made.empty() ? choices.rest() : std::string_view(made);
  check_byte_level(text, most, other_way);
  check_words(text.substr(text.size() / 3), text.substr(0, text.size() / 3), most, other_way);
  return 0;
}
