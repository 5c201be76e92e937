#pragma once

#include <string>

/// A text and the text that a model is to make of it.
struct TextPair {
  std::string source;
  std::string target;
};

/// Which of two disjoint sets of examples to draw from: what training shows, or what it never does.
enum class Split { training, unseen };
