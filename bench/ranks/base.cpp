#include "compare.hpp"

bench::RankTimes bench::time_ranks_base(const std::vector<Group>& groups, std::size_t samples) {
  return time_ranks<base>(groups, samples);
}
