#include "compare.hpp"

bench::RankTimes bench::time_ranks_small(const std::vector<Group>& groups, std::size_t samples) {
  return time_ranks<small>(groups, samples);
}
