// The mean of the rows of a table that sequences of two lengths choose, against a sum by hand.
#include "embedder.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

namespace cg = ctgrad;

int main() {
  const cg::Parameters<Table> parameters{cg::Seed{1}};
  const std::vector<std::vector<int>> sequences{{1, 2, 3, 4, 5, 6}, {7}, {8, 9}};
  Embedder embedder;
  const auto vectors = embedder(parameters, sequences);
  const auto table = parameters["words.table"];
  double largest = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      double sum = 0;
      for (const int id : sequences[i]) sum += static_cast<double>(table(id, j));
      const double mean = sum / static_cast<double>(sequences[i].size());
      largest = std::fmax(largest, std::abs(static_cast<double>(vectors(i, j)) - mean));
    }
  }
  std::printf("figure: install buckets error=%.1e (bar 1e-7)\n", largest);
  return largest <= 1e-7 ? 0 : 1;
}
