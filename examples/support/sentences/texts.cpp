#include "texts.hpp"

#include <ctgrad/io/quoted.hpp>

#include "../text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace sentences {

std::vector<std::string> lines_of_text(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Texts texts_of_file(const std::string& path) {
  return {ctgrad::io::shown(path, 1000) + ": line", lines_of_text(read_text(path))};
}

Texts texts_of_stream(std::FILE* stream) {
  std::string text;
  std::array<char, 65536> piece{};
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), stream)) {
    if (got > most_text_bytes - text.size()) {
      throw std::invalid_argument("standard input: expected at most " + std::to_string(most_text_bytes) +
                                  " bytes, got more");
    }
    text.append(piece.data(), got);
  }
  if (std::ferror(stream) != 0)
    throw std::system_error(errno, std::generic_category(), "standard input: cannot be read");
  return {"standard input: line", lines_of_text(text)};
}

}  // namespace sentences
