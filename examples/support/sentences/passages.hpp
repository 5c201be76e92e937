#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sentences {

/// A part of a text that a vector is made of.
struct Passage {
  std::uint64_t begin = 0, end = 0;  ///< its bytes [begin, end)
  std::uint64_t line = 0;            ///< that it begins at, from 1

  friend bool operator==(const Passage&, const Passage&) = default;
};

/// Gives how many bytes of a text fit into a model, all of it or up to a token's end; at least one of a text
/// that is not empty.
using Fitting = std::function<std::size_t(std::string_view)>;

/// The paragraphs of a text, lines between lines of white space, without white space around them. One that
/// is longer than fits is cut where a word ends, where it has several, so that no text is left out.
std::vector<Passage> passages_of(std::string_view text, const Fitting& fitting);

/// A passage on a line: white space as single blanks, at most about `most` bytes of it, fit to be shown.
std::string on_one_line(std::string_view text, std::size_t most);

}  // namespace sentences
