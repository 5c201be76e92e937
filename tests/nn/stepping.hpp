#pragma once

#include <nn/reference_model.hpp>

#include <support/allocations.hpp>

#include <ctgrad/generate/cache.hpp>

/// Sequences decoded token by token, held against the program that has all tokens at once.
namespace ctgrad::test {

using Ids1 = xt::xtensor<std::int32_t, 1>;
using Ids2 = xt::xtensor<std::int32_t, 2>;

inline Ids2 random_ids(std::size_t rows, std::size_t columns, std::uint32_t vocabulary, Random& random) {
  Ids2 ids = xt::zeros<std::int32_t>({rows, columns});
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.below(vocabulary));
  return ids;
}

struct SteppingErrors {
  double largest = 0;           ///< difference of a logit from the whole program's
  std::size_t allocations = 0;  ///< of all runs together
};

/// Every sequence is two tokens behind the one before it; those that wait or have ended repeat a token. What
/// the cache holds behind a position is far from anything. `run(ids, positions, cache)` gives logits and
/// rows.
template <class Cache, class S, class Logits, class Run>
SteppingErrors errors_of_steps(const Ids2& ids, const Logits& expected, const Run& run, Random& random) {
  State<Cache, S> cache;
  for (S& number : cache.flat()) number = static_cast<S>(1000 * random.normal());
  const std::size_t batch = ids.shape()[0], length = ids.shape()[1];
  Ids1 tokens = xt::zeros<std::int32_t>({batch});
  Ids1 positions = tokens;
  SteppingErrors errors;
  for (std::size_t tick = 0; tick < length + 2 * (batch - 1); ++tick) {
    for (std::size_t b = 0; b < batch; ++b) {
      const std::size_t t = std::min(tick - std::min(tick, 2 * b), length - 1);
      positions(b) = static_cast<std::int32_t>(t);
      tokens(b) = ids(b, t);
    }
    const std::size_t before = allocations();
    const auto [logits, rows] = run(tokens, positions, cache);
    errors.allocations += allocations() - before;
    for (std::size_t b = 0; b < batch; ++b) {
      for (std::size_t k = 0; k < logits.shape()[1]; ++k) {
        const S whole = expected(b, static_cast<std::size_t>(positions(b)), k);
        const double apart = std::abs(static_cast<double>(logits(b, k) - whole));
        errors.largest =
            std::max(errors.largest, std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart);
      }
    }
    generate::write_rows(cache, rows, std::span<const std::int32_t>(positions));
  }
  return errors;
}

/// How many arrays of a shape the steps of a program write at every run.
template <class Program>
constexpr int stored(const Shape& shape) {
  constexpr const auto& plan = Program::Machine::plan;
  const auto every_run = std::span(plan.calls, plan.call_count).subspan(plan.constants);
  return count_stored(Program::graph(), every_run, [&](const Shape& other) { return other == shape; });
}

}  // namespace ctgrad::test
