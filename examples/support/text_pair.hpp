#pragma once

#include <ctgrad/runtime/random.hpp>

#include <cstdint>
#include <string>

/// A text and the text that a model is to make of it.
struct TextPair {
  std::string source;
  std::string target;
};

/// Which of two disjoint sets of examples to draw from: what training shows, or what it never does.
enum class Split { training, unseen };

/// Gives example number `number` of a task, a pure function of all three.
using Draw = TextPair (*)(ctgrad::Seed seed, Split split, std::uint64_t number);
