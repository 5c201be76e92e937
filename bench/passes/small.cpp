#include "compare.hpp"

bench::Comparison bench::compare_small(std::size_t steps) { return compare<small>(steps); }
