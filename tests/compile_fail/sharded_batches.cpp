// expect: ShardedProgram: an array is an argument whose first axis is the batch, and all such arrays
// expect: batches<8.*, 4.*>::are_one
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto y) { return cg::mean(x) + cg::mean(y); };

#ifdef CTGRAD_CONTROL
cg::ShardedProgram<2, f, cg::Tensor<8, 3>, cg::Whole<cg::Tensor<4, 3>>> program;
#else
cg::ShardedProgram<2, f, cg::Tensor<8, 3>, cg::Tensor<4, 3>> program;
#endif
