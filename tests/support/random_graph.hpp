#pragma once

#include <support/random_graph/structural.hpp>

#include <iterator>

/// Random graphs: the same seed gives the same graph, at compile time as at run time.
namespace ctgrad::test {

/// A graph of one to three real outputs. Values stay of order 1 and in the domain of every operation for real
/// inputs of magnitude up to Pool::input_bound; relu, abs, max and comparisons leave it kinks.
struct RandomGraph {
  Graph graph;
  std::vector<Size> limits;  ///< of every input: ids lie in [0, limit); 0 for real numbers and masks
};

namespace random {

/// Brought back to magnitudes up to 6.
constexpr Entry settled(Pool& pool, const Entry& entry) {
  constexpr double most = 6;
  if (entry.value.kind() != Kind::real || entry.bound <= most) return entry;
  if (pool.one_in(3)) return {tanh(entry.value), 1};
  return {entry.value * (most / entry.bound), most};
}

/// Applies rules until as many operations as drawn were added.
constexpr void grow(Pool& pool) {
  const int wanted = pool.options().fewest + pool.below(pool.options().most - pool.options().fewest + 1);
  constexpr int elementwise = static_cast<int>(std::size(elementwise_rules));
  constexpr int structural = static_cast<int>(std::size(structural_rules));
  int added = 0;
  for (int trial = 0; trial < 8 * wanted && added < wanted; ++trial) {
    const int rule = pool.below(elementwise + structural);
    const std::int32_t before = pool.graph().size();
    const Entry found =
        rule < elementwise ? elementwise_rules[rule](pool) : structural_rules[rule - elementwise](pool);
    const std::size_t known = pool.entries().size();
    if (!found.absent() && found.value.id >= before) pool.keep(settled(pool, found));
    pool.mark_used(before);
    added += pool.entries().size() > known ? 1 : 0;
  }
}

/// The real values that no node takes, oldest first.
constexpr std::vector<Value> unused(const Pool& pool) {
  std::vector<Value> result;
  for (const Entry& entry : pool.entries()) {
    if (entry.value.kind() == Kind::real && entry.value.node().operand_count > 0 &&
        !pool.is_used(entry.value.id))
      result.push_back(entry.value);
  }
  return result;
}

/// The latest one or two unused values, and the sum over all others.
constexpr void choose_outputs(Pool& pool) {
  std::vector<Value> ends = unused(pool);
  if (ends.empty()) ends.push_back(pool.real().value);
  for (int own = 1 + pool.below(2); own > 0 && !ends.empty(); --own) {
    pool.graph().outputs.push_back(ends.back().id);
    ends.pop_back();
  }
  Value total;
  for (const Value end : ends) {
    bool all[max_rank] = {};
    for (int axis = 0; axis < end.shape().rank; ++axis) all[axis] = true;
    total = total + ops::reshape(ops::sum(end, all), shape_of());
  }
  if (!total.absent()) pool.graph().outputs.push_back(total.id);
}

}  // namespace random

/// The graph of a seed. Some of its nodes are dead: masks and integers that nothing takes.
constexpr RandomGraph random_graph(Seed seed, const RandomGraphOptions& options = {}) {
  Pool pool(seed, options);
  pool.graph().passes.large_logits = 1;
  for (int i = 2 + pool.below(2); i > 0; --i) pool.input({Kind::real, pool.shape()});
  const Shape ids = pool.shape();
  pool.ids(ids, 1 + pool.below(4));
  random::grow(pool);
  random::choose_outputs(pool);
  return {pool.graph(), pool.limits()};
}

}  // namespace ctgrad::test
