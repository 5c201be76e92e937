#include "compare.hpp"

bench::PrecisionComparison bench::compare_precision_small(std::size_t pairs) {
  return compare_precision<small>(pairs);
}

bench::LossCurves bench::loss_curves_small(std::size_t steps) { return loss_curves<small>(steps); }
