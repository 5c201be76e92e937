// expect: ShardedProgram: the first axis of an array is the batch, which this number of shards does
// expect: batch<96(l|L)*, 7(ul|UL)*>::is_cut_into_equal_shards
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::mean(x); };

#ifdef CTGRAD_CONTROL
cg::ShardedProgram<8, f, cg::Tensor<96, 3>> program;
#else
cg::ShardedProgram<7, f, cg::Tensor<96, 3>> program;
#endif
