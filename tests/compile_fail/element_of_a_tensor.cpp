// expect: a tensor is no function or container: slice<Axis, Begin, End>\(x\) is a part of it
// expect: traced<.*real, 3>::is_a_function_or_container
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::slice<0, 1, 2>(x); };
#else
constexpr auto f = [](auto x) { return x[1]; };
#endif
cg::Program<f, cg::Tensor<3>> program;
