#pragma once

#include <cstddef>
#include <vector>

namespace bench {

/// What a training step takes in float and in mixed precision, in one run.
struct PrecisionComparison {
  double float_seconds = 0;  ///< the median
  double mixed_seconds = 0;  ///< the median
  double ratio = 0;          ///< the median of mixed by float, of steps in turns
  double float_bytes = 0;    ///< of the arena
  double mixed_bytes = 0;
  double result_bytes = 0;  ///< of the gradients in it, which are floats in both
};

/// The losses of a training's steps, from equal parameters and on equal batches.
struct LossCurves {
  std::vector<double> in_float;
  std::vector<double> in_mixed;
};

// Each configuration is a file of its own, since it compiles two programs.
PrecisionComparison compare_precision_small(std::size_t pairs);
PrecisionComparison compare_precision_base(std::size_t pairs);
LossCurves loss_curves_toy(std::size_t steps);
LossCurves loss_curves_small(std::size_t steps);

}  // namespace bench
