// expect: MultiHeadAttention: the heads .first number. do not divide the width .second number.
// expect: heads<3, 32>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr cg::Size heads = 4;
#else
constexpr cg::Size heads = 3;
#endif

cg::Parameters<cg::nn::MultiHeadAttention<32, heads>> parameters{cg::Seed{1}};
