#include "compare.hpp"

bench::Comparison bench::compare_base(std::size_t steps) { return compare<base>(steps); }
