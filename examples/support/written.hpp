#pragma once

#include "alphabet.hpp"

/// A text's characters, one string each.
std::vector<std::string> letters(std::string_view text);

/// What a decoder with `length` positions wrote, as it reads it again to write the next character. Position t
/// holds what was written so far up to its character t, and writes character t + 1. Any prediction will do:
/// one of no character, and one that fills all positions and has no end.
struct Written {
  std::vector<std::int32_t> inputs;  ///< [length]: start, the prediction, ends
  std::vector<std::string> written;  ///< what each position writes: the prediction, then "end" if it ends
  std::vector<std::string> before;   ///< what each position reads: "start", then the prediction
};

Written written_of(const Alphabet& alphabet, std::string_view prediction, std::size_t length);
