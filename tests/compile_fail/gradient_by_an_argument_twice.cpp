// expect: grad: a position is chosen twice
// expect: positions<0, 0>::differ
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto y) { return cg::sum(x * y); };

#ifdef CTGRAD_CONTROL
constexpr auto gradient = cg::grad<0, 1>(f);
#else
constexpr auto gradient = cg::grad<0, 0>(f);
#endif
cg::Program<gradient, cg::Tensor<3>, cg::Tensor<3>> program;
