#include "compare.hpp"

bench::Comparison bench::compare_toy_1(std::size_t steps) { return compare<toy_1>(steps); }
