#include <ctgrad/text/byte_level_bpe.hpp>
#include <ctgrad/text/word_piece.hpp>

#include <support/catch.hpp>

#include <thread>

using namespace ctgrad::text;

namespace {

/// A vocab.json of all bytes, and of "ab" and "abab".
std::string all_bytes() {
  nlohmann::json vocabulary{{"ab", 256}, {"abab", 257}};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::array<char, 4> buffer{};
    vocabulary[std::string(buffer.data(), write_code_point(byte_characters[byte], buffer.data()))] = byte;
  }
  return vocabulary.dump();
}

/// Has several threads encode texts by one tokenizer; each must get what one thread alone gets.
template <class Tokenizer>
void check_threads(const Tokenizer& fresh, const Tokenizer& other) {
  const std::vector<std::string> texts{"ab abab é", "abababab", std::string(500, 'a') + "b", "ab",
                                       "\u00C9a b"};
  std::vector<std::vector<std::int32_t>> expected;
  for (const std::string& text : texts) expected.push_back(other.encode(text).ids);
  std::array<std::size_t, 4> wrong{};
  std::vector<std::thread> threads;
  for (std::size_t& count : wrong) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
          if (fresh.encode(texts[i]).ids != expected[i]) ++count;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::array<std::size_t, 4>{});
}

}  // namespace

TEST_CASE("threads share a tokenizer", "[threads]") {
  const std::string vocabulary = all_bytes();
  const std::string_view merges = "a b\nab ab\n";
  check_threads(ByteLevelBpe(vocabulary, merges), ByteLevelBpe(vocabulary, merges));
  const auto lines = parse_vocabulary_lines("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nb\n##ab\ne\n##a\n");
  check_threads(WordPiece(lines), WordPiece(lines));
}
