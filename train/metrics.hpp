#pragma once

#include <ctgrad/runtime/dense.hpp>

#include <cstddef>
#include <cstdint>

/// How well predictions meet their targets.
namespace ctgrad {

/// Of `targets` [...], how many are the position of the largest of their row of `logits` [..., kinds].
struct Hits {
  std::size_t correct = 0;
  std::size_t total = 0;

  double accuracy() const {
    return total == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(total);
  }
  Hits& operator+=(const Hits& other) {
    correct += other.correct;
    total += other.total;
    return *this;
  }
};

/// The position of the largest element; the first of equal ones.
template <class Scalar>
std::int32_t argmax(const Scalar* row, std::size_t kinds) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < kinds; ++i) {
    if (row[i] > row[best]) best = i;
  }
  return static_cast<std::int32_t>(best);
}

/// Counts over dense row-major arrays; `targets` has one element for every row of `logits`. Throws
/// std::invalid_argument, naming the array, for a view that is not dense.
template <class Logits, class Targets>
Hits count_hits(const Logits& logits, const Targets& targets) {
  Hits hits{0, targets.size()};
  const std::size_t kinds = hits.total == 0 ? 0 : logits.size() / hits.total;
  const auto* rows = runtime::dense_data(logits, "count_hits: logits");
  const auto* ids = runtime::dense_data(targets, "count_hits: targets");
  for (std::size_t i = 0; i < hits.total; ++i) {
    if (argmax(rows + i * kinds, kinds) == ids[i]) ++hits.correct;
  }
  return hits;
}

}  // namespace ctgrad
