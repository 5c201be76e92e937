#include "compare.hpp"

bench::PrecisionComparison bench::compare_precision_base(std::size_t pairs) {
  return compare_precision<base>(pairs);
}
