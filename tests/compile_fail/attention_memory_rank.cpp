// expect: MultiHeadAttention: the input is neither .batch, length, width. nor .length, width.
// expect: input_rank<4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto attend = [](const auto& attention, auto x, auto memory) { return attention(x, memory); };

#ifdef CTGRAD_CONTROL
using Memory = cg::Tensor<3, 6, 8>;
#else
using Memory = cg::Tensor<2, 3, 6, 8>;
#endif
cg::Program<attend, cg::nn::MultiHeadAttention<8, 2>, cg::Tensor<3, 5, 8>, Memory> program;
