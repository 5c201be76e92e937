#include "compare.hpp"

bench::Comparison bench::compare_seed(std::size_t steps) { return compare<seed>(steps); }
