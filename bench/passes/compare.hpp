#pragma once

#include "../support/training.hpp"
#include "comparison.hpp"

namespace bench {

/// A turn of so many timed steps behind one that is not.
template <class T>
void take_turn(T& training, std::size_t steps, std::vector<double>& seconds) {
  training.step();
  for (std::size_t i = 0; i < steps; ++i) seconds.push_back(training.step());
}

template <Shape S>
Comparison compare(std::size_t steps) {
  Training<S, cg::no_passes> plain;
  Training<S> optimised;
  plain.step();
  optimised.step();
  Comparison found;
  found.plain_loss = static_cast<double>(plain.loss());
  found.loss = static_cast<double>(optimised.loss());
  std::vector<double> plain_seconds;
  std::vector<double> seconds;
  for (int turn = 0; turn < 2; ++turn) {
    take_turn(plain, steps, plain_seconds);
    take_turn(optimised, steps, seconds);
  }
  found.plain_seconds = median(plain_seconds);
  found.seconds = median(seconds);
  return found;
}

}  // namespace bench
