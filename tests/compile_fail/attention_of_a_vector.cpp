// expect: MultiHeadAttention: the input is neither .batch, length, width. nor .length, width.
// expect: input_rank<1>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto attend = [](const auto& attention, auto x) { return attention(x); };

#ifdef CTGRAD_CONTROL
using X = cg::Tensor<5, 8>;
#else
using X = cg::Tensor<8>;
#endif
cg::Program<attend, cg::nn::MultiHeadAttention<8, 2>, X> program;
