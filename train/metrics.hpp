#pragma once

#include <ctgrad/base/argmax.hpp>
#include <ctgrad/base/numbers.hpp>
#include <ctgrad/runtime/dense.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// How well predictions meet their targets.
namespace ctgrad {

/// Of `targets` [...], how many are the position of the largest of their row of `logits` [..., classes].
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

namespace metrics {

/// The shape of an array; of one that does not tell, its size.
template <class A>
std::vector<std::size_t> shape_of(const A& array) {
  std::vector<std::size_t> shape;
  if constexpr (requires { array.shape(); }) {
    for (const auto extent : array.shape()) shape.push_back(static_cast<std::size_t>(extent));
  } else {
    shape.push_back(array.size());
  }
  return shape;
}

/// How many logits a target has. Throws std::invalid_argument, naming both shapes, unless there is one target
/// for every row of logits; of an array that does not tell its shape, its size is all that is known.
template <class Logits, class Targets>
std::size_t require_rows(const Logits& logits, const Targets& targets) {
  constexpr bool has_rows = requires { logits.shape(); };
  constexpr bool has_shapes = has_rows && requires { targets.shape(); };
  const std::vector<std::size_t> of_logits = shape_of(logits), of_targets = shape_of(targets);
  const std::size_t total = targets.size();
  std::size_t classes = total == 0 ? 0 : logits.size() / total;
  if (has_rows) classes = of_logits.empty() ? 0 : of_logits.back();
  bool fits = logits.size() == classes * total && (classes > 0 || total == 0);
  if (has_shapes) {
    fits = fits && of_logits.size() == of_targets.size() + 1 &&
           std::equal(of_targets.begin(), of_targets.end(), of_logits.begin());
  }
  if (!fits) {
    throw std::invalid_argument("count_hits: targets: expected one for every row of logits " +
                                runtime::list_text(of_logits) + ", got " + runtime::list_text(of_targets));
  }
  return classes;
}

}  // namespace metrics

/// Counts over dense row-major arrays: logits [..., classes], targets [...]. A row with NaN hits nothing.
/// Throws std::invalid_argument, naming the array, where the shapes do not fit and for a view that is not
/// dense, and std::out_of_range for a target outside [0, classes).
template <class Logits, class Targets>
Hits count_hits(const Logits& logits, const Targets& targets) {
  constexpr bool in_memory = runtime::InMemory<Logits> && runtime::InMemory<Targets>;
  static_assert(in_memory,
                "count_hits: logits and targets lie in memory; xt::eval gives memory to an expression");
  const std::size_t classes = metrics::require_rows(logits, targets);
  Hits hits{0, targets.size()};
  const auto* rows = runtime::dense_data(logits, "count_hits: logits");
  const auto* ids = runtime::dense_data(targets, "count_hits: targets");
  for (std::size_t i = 0; i < hits.total; ++i) {
    if (ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= classes) {
      throw std::out_of_range("count_hits: targets: target " + std::to_string(i) + " = " +
                              std::to_string(ids[i]) + " is not in [0, " + std::to_string(classes) + ")");
    }
    const auto* row = rows + i * classes;
    const bool ordered = std::none_of(row, row + classes, [](auto logit) { return is_nan(logit); });
    if (ordered && argmax(row, classes) == ids[i]) ++hits.correct;
  }
  return hits;
}

}  // namespace ctgrad
