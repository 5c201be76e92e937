// expect: MultiHeadAttention: the heads .first number. do not divide the width .second number.
// expect: heads<8, 30>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr cg::Size width = 32;
#else
constexpr cg::Size width = 30;
#endif

cg::Parameters<cg::nn::MultiHeadAttention<width>> parameters{cg::Seed{1}};
