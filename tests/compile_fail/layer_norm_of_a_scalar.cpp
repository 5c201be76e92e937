// expect: layer_norm: a scalar has no last axis
// expect: 0 >= 1
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using X = cg::Tensor<2, 3>;
#else
using X = cg::Tensor<>;
#endif

constexpr auto f = [](auto x, auto scale, auto shift) { return cg::layer_norm(x, scale, shift); };
cg::Program<f, X, cg::Tensor<3>, cg::Tensor<3>> program;
