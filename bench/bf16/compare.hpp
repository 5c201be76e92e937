#pragma once

#include "../support/training.hpp"
#include "comparison.hpp"

namespace bench {

template <Shape S>
using FloatTraining = Training<S>;
template <Shape S>
using MixedTraining = Training<S, cg::Optimize{.precision = cg::Precision::mixed}>;

/// Makes so many pairs of steps in turns, behind one that is not timed; in every other pair mixed is first.
template <Shape S>
PrecisionComparison compare_precision(std::size_t pairs) {
  FloatTraining<S> full;
  MixedTraining<S> mixed;
  std::vector<double> float_seconds;
  std::vector<double> mixed_seconds;
  std::vector<double> ratios;
  for (std::size_t i = 0; i <= pairs; ++i) {
    const double before = i % 2 == 0 ? 0 : mixed.step();
    const double in_float = full.step();
    const double in_mixed = i % 2 == 0 ? mixed.step() : before;
    if (i == 0) continue;
    float_seconds.push_back(in_float);
    mixed_seconds.push_back(in_mixed);
    ratios.push_back(in_mixed / in_float);
  }
  return {median(float_seconds),
          median(mixed_seconds),
          median(ratios),
          static_cast<double>(full.arena_bytes()),
          static_cast<double>(mixed.arena_bytes()),
          static_cast<double>(full.result_bytes())};
}

template <Shape S>
LossCurves loss_curves(std::size_t steps) {
  FloatTraining<S> full;
  MixedTraining<S> mixed;
  LossCurves curves;
  for (std::size_t i = 0; i < steps; ++i) {
    full.step();
    mixed.step();
    curves.in_float.push_back(static_cast<double>(full.loss()));
    curves.in_mixed.push_back(static_cast<double>(mixed.loss()));
  }
  return curves;
}

}  // namespace bench
