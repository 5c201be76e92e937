// expect: grad: the gradient is of a scalar, the function.s result is none
// expect: result<.*Array<.*3>.*is_a_scalar
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::sum(cg::tanh(x)); };
#else
constexpr auto f = [](auto x) { return cg::tanh(x); };
#endif
cg::Program<cg::grad(f), cg::Tensor<3>> program;
