// expect: dropout: the rate is not in \[0, 1\]
// expect: lies_between_0_and_1
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x, auto key) { return cg::dropout<cg::Rate{0.5}>(x, key); };
#else
constexpr auto f = [](auto x, auto key) { return cg::dropout<cg::Rate{1.5}>(x, key); };
#endif
cg::Program<f, cg::Tensor<2, 3>, cg::Key> program;
