#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace sentences {

/// Texts, and what errors call each of them.
struct Texts {
  std::string source{};  ///< "FILE: line", say
  std::vector<std::string> texts{};

  std::size_t size() const { return texts.size(); }
  /// "FILE: line 3" of texts[2].
  std::string place(std::size_t text) const { return source + " " + std::to_string(text + 1); }
};

/// The lines of a text, without their ends, LF or CRLF; an empty line is an empty text.
std::vector<std::string> lines_of_text(std::string_view text);

/// The lines of a file. Throws what read_text throws.
Texts texts_of_file(const std::string& path);

/// The lines of a stream, read to its end. Throws std::system_error where reading fails, and
/// std::invalid_argument where there is more than a text may have (most_text_bytes).
Texts texts_of_stream(std::FILE* stream);

}  // namespace sentences
