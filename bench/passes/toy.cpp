#include "compare.hpp"

bench::Comparison bench::compare_toy(std::size_t steps) { return compare<toy>(steps); }
