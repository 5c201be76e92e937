#include <ctgrad/text/byte_level_bpe.hpp>
#include <ctgrad/text/word_piece.hpp>

#include <support/catch.hpp>

#include <fstream>

/// Tokens of the Python package `tokenizers` (tests/reference/tokenizer_values.py): lines of many scripts,
/// some of them of no UTF-8. `./dev tokenizers` compares a hundred thousand.

using namespace ctgrad::text;
using nlohmann::json;

namespace {

const json& values() {
  static const json all = json::parse(std::ifstream(CTGRAD_REFERENCE_DIR "/tokenizer_values.json"));
  return all;
}

std::string bytes_of(const std::string& hexadecimal) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hexadecimal.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string line(std::size_t i) { return bytes_of(values().at("lines").at(i)); }

template <class Tokenizer>
void check_lines(const Tokenizer& tokenizer, const json& tokens) {
  REQUIRE(tokens.size() == values().at("lines").size());
  REQUIRE(tokens.size() > 80);
  Encoding encoding;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    tokenizer.encode(line(at), encoding);
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < encoding.size(); ++i) {
      numbers.push_back(static_cast<std::size_t>(encoding.ids[i]));
      numbers.push_back(encoding.offsets[i].begin);
      numbers.push_back(encoding.offsets[i].end);
    }
    INFO(ctgrad::io::shown(line(at)));
    REQUIRE(numbers == tokens.at(at).get<std::vector<std::size_t>>());
  }
}

WordPiece word_piece(const json& reference, WordPieceOptions options) {
  std::string lines;
  for (const std::string token : reference.at("vocabulary")) lines += token + "\n";
  options.invalid_utf8 = InvalidUtf8::replaced;
  return WordPiece(parse_vocabulary_lines(lines), options);
}

}  // namespace

TEST_CASE("WordPiece gives the tokens and offsets of the reference", "[reference]") {
  const std::pair<const char*, WordPieceOptions> cases[] = {
      {"word_piece", {}},
      {"word_piece_cased", {.lower_case = false}},
      {"word_piece_raw", {.clean_text = false, .split_cjk = false, .strip_accents = false}}};
  for (const auto& [name, options] : cases) {
    const json& reference = values().at(name);
    const WordPiece tokenizer = word_piece(reference, options);
    check_lines(tokenizer, reference.at("tokens"));
    for (const json& pair : reference.at("pairs")) {
      const Encoding encoding = tokenizer.encode_pair(bytes_of(pair.at(0)), bytes_of(pair.at(1)), pair.at(2));
      REQUIRE(encoding.ids == pair.at(3).get<std::vector<std::int32_t>>());
      REQUIRE(encoding.types == pair.at(4).get<std::vector<std::int32_t>>());
    }
  }
}

TEST_CASE("byte-level BPE gives the tokens, offsets and texts of the reference", "[reference]") {
  for (const bool blank_before : {false, true}) {
    const json& reference = values().at(blank_before ? "byte_level_bpe_blank_before" : "byte_level_bpe");
    std::string merges;
    for (const std::string pair : reference.at("merges")) merges += pair + "\n";
    const ByteLevelBpe tokenizer(reference.at("vocabulary").dump(), merges,
                                 {.special_tokens = {"<|endoftext|>"},
                                  .blank_before = blank_before,
                                  .invalid_utf8 = InvalidUtf8::replaced});
    check_lines(tokenizer, reference.at("tokens"));
    for (std::size_t i = 0; i < reference.at("texts").size(); ++i) {
      REQUIRE(tokenizer.decode(tokenizer.encode(line(i)).ids) ==
              reference.at("texts").at(i).get<std::string>());
    }
  }
}
