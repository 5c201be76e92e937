#include "fuzz.hpp"

#include <ctgrad/text/byte_level_bpe.hpp>
#include <ctgrad/text/word_piece.hpp>

/// Files of vocabularies: any bytes, and files that are nearly right. One that is refused is refused
/// readably; of one that is taken every token is found under its id, and texts are tokenized with it.

using namespace ctgrad::text;
using fuzz::Choices;
using fuzz::require;

namespace {

std::string some(Choices& choices, std::initializer_list<const char*> pieces, std::size_t most) {
  std::string text;
  for (std::size_t i = choices.below(most); i > 0; --i)
    text += *(pieces.begin() + choices.below(pieces.size()));
  return text;
}

std::string lines(Choices& choices) {
  std::string text = choices.below(4) == 0 ? "\xEF\xBB\xBF" : "";
  if (choices.below(8) != 0) text += "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\n[MASK]\n";
  while (choices.any_left()) {
    text += some(choices, {"a", "b", "##", "é", "日", "\xFF", " ", "\t", "\x1b", "[UNK]", "\xE2", "e"}, 4);
    text += choices.below(8) == 0 ? "\r\n" : "\n";
  }
  return text;
}

/// The bytes that every byte-level vocabulary has, as an object's members.
const std::string& all_bytes() {
  static const std::string members = [] {
    nlohmann::json object;
    for (int byte = 0; byte < 256; ++byte) {
      std::array<char, 4> buffer{};
      const std::size_t size =
          write_code_point(byte_characters[static_cast<std::size_t>(byte)], buffer.data());
      object[std::string(buffer.data(), size)] = byte;
    }
    const std::string text = object.dump();
    return text.substr(1, text.size() - 2);
  }();
  return members;
}

std::string token_ids(Choices& choices) {
  std::string text = choices.below(16) == 0 ? "\xEF\xBB\xBF{" : "{";
  if (choices.below(8) != 0) text += all_bytes();
  for (std::size_t i = choices.below(8); i > 0; --i) {
    if (text.size() > 1 && choices.below(32) != 0) text += ",";
    text += "\"" + some(choices, {"a", "b", "Ġ", "Ã", "©", "日", "\\n", "\\u0120", "\xFF", " "}, 4) + "\":";
    static constexpr const char* values[] = {"-1",    "1.5",   "null",    "[]",  "{}",
                                             "\"x\"", "65535", "4194304", "1e3", "\\"};
    text += choices.below(8) == 0 ? choices.of(values) : std::to_string(256 + choices.below(20));
  }
  return text + (choices.below(32) == 0 ? "" : "}");
}

std::string merges(Choices& choices) {
  std::string text = choices.below(2) == 0 ? "#version: 0.2\n" : "";
  while (choices.any_left()) {
    text += some(choices, {"a", "b", "Ġ", "Ã", "©", "日"}, 3) + (choices.below(16) == 0 ? "  " : " ");
    text +=
        some(choices, {"a", "b", "Ġ", "Ã", "©", "\xFF", " "}, 3) + (choices.below(8) == 0 ? "\r\n" : "\n");
  }
  return text;
}

void check_word_piece(const std::string& text) {
  try {
    const Vocabulary vocabulary = parse_vocabulary_lines(text, "F");
    std::size_t gaps = 0;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
      const std::string_view token = vocabulary.token(static_cast<std::int32_t>(id));
      gaps += token.empty() ? 1u : 0u;
      if (!token.empty())
        require(vocabulary.find(token) == static_cast<std::int32_t>(id), "a token has its id", token);
    }
    require(gaps == vocabulary.gaps(), "gaps are counted");
    const WordPiece tokenizer(vocabulary, {.invalid_utf8 = InvalidUtf8::replaced});
    for (const std::int32_t id : tokenizer.encode(text).ids)
      require(!vocabulary.token(id).empty(), "a token is one");
    fuzz::count_taken();
  } catch (const VocabularyError& error) {
    fuzz::require_readable(error.what());
  } catch (const std::invalid_argument& error) {
    fuzz::require_readable(error.what(), "special tokens: ");
  }
}

void check_byte_level(const std::string& vocabulary, const std::string& rules) {
  try {
    const ByteLevelBpe tokenizer(vocabulary, rules, {.invalid_utf8 = InvalidUtf8::replaced}, "F", "F");
    for (std::int32_t id = 0; id < 300 && static_cast<std::size_t>(id) < tokenizer.size(); ++id) {
      const std::string_view bytes = tokenizer.bytes(id);
      const std::optional<std::int32_t> found = tokenizer.find(bytes);
      require(bytes.empty() || (found && tokenizer.bytes(*found) == bytes), "a token is found", bytes);
    }
    const Encoding encoding = tokenizer.encode(rules);
    require(tokenizer.decode(encoding.ids) == RepairedText(rules).text(), "a text comes back", rules);
    require(tokenizer.encode(rules).ids == encoding.ids, "a text has its tokens a second time", rules);
    fuzz::count_taken();
  } catch (const VocabularyError& error) {
    fuzz::require_readable(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const bool any_bytes = choices.below(4) == 0;
  if (choices.below(2) == 0) {
    check_word_piece(any_bytes ? std::string(choices.rest()) : lines(choices));
    return 0;
  }
  const std::string vocabulary =
      any_bytes && choices.below(2) == 0 ? std::string(choices.rest()) : token_ids(choices);
  check_byte_level(vocabulary, any_bytes ? std::string(choices.rest()) : merges(choices));
  return 0;
}
