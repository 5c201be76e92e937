// expect: ShardedProgram: what dropout or keep_mask works on has the batch as its first axis
// expect: random_numbers<.*>::are_those_of_samples
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x, auto key) { return cg::mean(cg::dropout(x, 0.5, key)); };
#else
constexpr auto f = [](auto x, auto key) { return cg::mean(cg::dropout(cg::transpose(x), 0.5, key)); };
#endif
cg::ShardedProgram<2, f, cg::Tensor<8, 3>, cg::Key> program;
