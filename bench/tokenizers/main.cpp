// ctgrad's side of `./dev tokenizers`: tokenizes lines of any bytes, writes ids and offsets, and says how
// long it took.
//
// usage: bench_tokenizers LINES OUT ROUNDS word_piece|word_piece_cased|word_piece_raw VOCAB.TXT
//        bench_tokenizers LINES OUT ROUNDS byte_level_bpe|byte_level_bpe_blank_before VOCAB.JSON MERGES.TXT
//                         [SPECIAL_TOKEN...]
//        LINES: their number, then each one's size and bytes. OUT: of each line the number of tokens, then
//        each token's id, and the bytes where it begins and ends. All numbers have 32 bits. Prints the
//        seconds to read the vocabulary, and those for all lines, the fewest of so many ROUNDS.
#include "../../examples/support/program.hpp"

#include <ctgrad/text.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace text = ctgrad::text;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The lines of a file, and its bytes, of which they are views.
class Lines {
 public:
  explicit Lines(const std::string& path) : bytes_(ctgrad::io::read_file(path, std::size_t{1} << 31)) {
    std::string_view rest = bytes_;
    const std::size_t count = number(rest);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = number(rest);
      if (size > rest.size()) throw std::runtime_error(path + ": a line is longer than the file");
      lines_.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
  }

  const std::vector<std::string_view>& all() const { return lines_; }

 private:
  static std::size_t number(std::string_view& rest) {
    std::uint32_t value = 0;
    if (rest.size() < sizeof value) throw std::runtime_error("lines: the file ends in a number");
    std::memcpy(&value, rest.data(), sizeof value);
    rest.remove_prefix(sizeof value);
    return value;
  }

  std::string bytes_;
  std::vector<std::string_view> lines_;
};

template <class Tokenizer>
void write_tokens(const Tokenizer& tokenizer, const Lines& lines, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  const auto put = [&](std::size_t number) {
    const auto value = static_cast<std::uint32_t>(number);
    out.write(reinterpret_cast<const char*>(&value), sizeof value);
  };
  text::Encoding encoding;
  for (const std::string_view line : lines.all()) {
    tokenizer.encode(line, encoding);
    put(encoding.size());
    for (std::size_t i = 0; i < encoding.size(); ++i) {
      put(static_cast<std::size_t>(encoding.ids[i]));
      put(encoding.offsets[i].begin);
      put(encoding.offsets[i].end);
    }
  }
  if (!out.flush()) throw std::runtime_error(path + ": cannot be written");
}

template <class Tokenizer>
double time_of(const Tokenizer& tokenizer, const Lines& lines, int rounds) {
  double best = 1e300;
  text::Encoding encoding;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string_view line : lines.all()) tokenizer.encode(line, encoding);
    best = std::min(best, seconds_since(begin));
  }
  return best;
}

template <class Read>
int run(const std::vector<std::string>& arguments, const Read& read) {
  const auto begin = std::chrono::steady_clock::now();
  const auto tokenizer = read();
  const double reading = seconds_since(begin);
  const Lines lines(arguments[0]);
  write_tokens(tokenizer, lines, arguments[1]);
  std::printf("%.6f %.6f\n", reading, time_of(tokenizer, lines, std::stoi(arguments[2])));
  return 0;
}

text::WordPieceOptions word_piece_options(std::string_view name) {
  text::WordPieceOptions options{.invalid_utf8 = text::InvalidUtf8::replaced};
  options.lower_case = name != "word_piece_cased";
  if (name == "word_piece_raw") {
    options.clean_text = options.split_cjk = false;
    options.strip_accents = false;
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_tokenizers", [&] {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 5 && arguments[3].starts_with("word_piece")) {
      return run(arguments,
                 [&] { return text::WordPiece::read(arguments[4], word_piece_options(arguments[3])); });
    }
    if (arguments.size() >= 6 && arguments[3].starts_with("byte_level_bpe")) {
      const std::vector<std::string> special(arguments.begin() + 6, arguments.end());
      return run(arguments, [&] {
        return text::ByteLevelBpe::read(arguments[4], arguments[5],
                                        {.special_tokens = special,
                                         .blank_before = arguments[3] == "byte_level_bpe_blank_before",
                                         .invalid_utf8 = text::InvalidUtf8::replaced});
      });
    }
    std::fputs("usage: bench_tokenizers LINES OUT ROUNDS TOKENIZER FILE...: see its source\n", stderr);
    return 2;
  });
}
