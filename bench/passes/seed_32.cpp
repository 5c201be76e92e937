#include "compare.hpp"

bench::Comparison bench::compare_seed_32(std::size_t steps) { return compare<seed_32>(steps); }
