#include "embeddings.hpp"

#include <algorithm>

namespace sentences {

double cosine(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

std::vector<Neighbour> nearest(const Embeddings& texts, std::span<const float> vector, std::size_t most,
                               std::size_t except) {
  std::vector<Neighbour> all;
  all.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != except) all.push_back({i, cosine(texts[i], vector)});
  }
  const std::size_t count = std::min(most, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count),
                            [](const Neighbour& a, const Neighbour& b) {
                              return a.cosine != b.cosine ? a.cosine > b.cosine : a.text < b.text;
                            });
  all.resize(count);
  return all;
}

}  // namespace sentences
