#include "compare.hpp"

bench::LossCurves bench::loss_curves_toy(std::size_t steps) { return loss_curves<toy>(steps); }
