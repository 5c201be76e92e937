// expect: jvp: the function.s result holds integers or masks, which have no derivative
// expect: result<.*Array<.*mask, 3> ?>::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::as_real(x > 0); };
#else
constexpr auto f = [](auto x) { return x > 0; };
#endif
cg::Program<cg::jvp(f), cg::Tensor<3>, cg::Tensor<3>> program;
