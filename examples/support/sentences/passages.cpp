#include "passages.hpp"

#include <ctgrad/io/quoted.hpp>

#include <algorithm>
#include <stdexcept>

namespace sentences {

namespace {

constexpr std::string_view white = " \t\n\v\f\r";

/// Where the line that begins at `at` ends, its newline included.
std::size_t line_end(std::string_view text, std::size_t at) {
  const std::size_t newline = text.find('\n', at);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(white) == std::string_view::npos; }

/// Takes the passages of a text, and counts its lines.
class Cutter {
 public:
  Cutter(std::string_view text, const Fitting& fitting) : text_(text), fitting_(fitting) {}

  /// Cuts the paragraph [begin, end) into as many passages as it takes.
  void cut(std::size_t begin, std::size_t end) {
    while (true) {
      begin = std::min(text_.find_first_not_of(white, begin), end);
      if (begin == end) return;
      const std::string_view rest = text_.substr(begin, end - begin);
      const std::size_t fits = fitting_(rest);
      if (fits == 0 || fits > rest.size()) throw std::logic_error("passages_of: what fits is no part");
      add(rest.substr(0, fits == rest.size() ? fits : before_a_blank(rest, fits)), begin);
      begin = static_cast<std::size_t>(passages.back().end);
    }
  }

  std::vector<Passage> passages{};

 private:
  /// The end of the last word that ends by `fits`, or `fits` where there is none.
  static std::size_t before_a_blank(std::string_view text, std::size_t fits) {
    if (white.find(text[fits]) != std::string_view::npos) return fits;
    const std::size_t blank = text.find_last_of(white, fits - 1);
    const std::size_t last = text.find_last_not_of(white, blank);
    return blank == std::string_view::npos || last == std::string_view::npos ? fits : last + 1;
  }

  void add(std::string_view passage, std::size_t begin) {
    const std::size_t end = begin + passage.find_last_not_of(white) + 1;
    line_ += static_cast<std::uint64_t>(std::ranges::count(text_.substr(counted_, begin - counted_), '\n'));
    counted_ = begin;
    passages.push_back({begin, end, line_});
  }

  std::string_view text_;
  const Fitting& fitting_;
  std::uint64_t line_ = 1;
  std::size_t counted_ = 0;
};

}  // namespace

std::vector<Passage> passages_of(std::string_view text, const Fitting& fitting) {
  Cutter cutter(text, fitting);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size()) {
      const std::size_t next = line_end(text, end);
      if (is_blank(text.substr(end, next - end))) break;
      end = next;
    }
    cutter.cut(at, end);
    at = end < text.size() ? line_end(text, end) : end;
  }
  return cutter.passages;
}

std::string on_one_line(std::string_view text, std::size_t most) {
  std::string line;
  while (line.size() <= most) {
    const std::size_t begin = text.find_first_not_of(white);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(white));
    line += (line.empty() ? "" : " ") + std::string(word);
    text.remove_prefix(word.size());
  }
  return ctgrad::io::shown(line, most);
}

}  // namespace sentences
