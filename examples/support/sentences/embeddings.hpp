#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// What the example about sentences is made of: see examples/10_sentences.cpp.
namespace sentences {

/// A vector of length 1 for each of several texts: [size(), width], row by row.
struct Embeddings {
  std::size_t width = 0;
  std::vector<float> numbers{};

  std::size_t size() const { return width == 0 ? 0 : numbers.size() / width; }
  std::span<const float> operator[](std::size_t i) const {
    return std::span(numbers).subspan(i * width, width);
  }
  /// Adds those of other texts, of the same width.
  void append(std::span<const float> rows) { numbers.insert(numbers.end(), rows.begin(), rows.end()); }
};

/// The cosine of the angle between two vectors of length 1: their product, summed in double.
double cosine(std::span<const float> a, std::span<const float> b);

/// A text, and how near it is to another one.
struct Neighbour {
  std::size_t text = 0;
  double cosine = 0;
};

/// No text of those that are looked through.
inline constexpr std::size_t nobody = static_cast<std::size_t>(-1);

/// The `most` texts that are nearest to a vector, the nearest first, of equally near ones the first; `except`
/// is left out.
std::vector<Neighbour> nearest(const Embeddings& texts, std::span<const float> vector, std::size_t most,
                               std::size_t except = nobody);

}  // namespace sentences
