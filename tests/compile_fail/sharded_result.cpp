// expect: ShardedProgram: the first axis of an array of the function.s result is the batch
// expect: first_axis<3.*, 4.*>::is_the_batch
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::sum<1>(x); };
#else
constexpr auto f = [](auto x) { return cg::sum<0>(x); };
#endif
cg::ShardedProgram<2, f, cg::Tensor<8, 3>> program;
