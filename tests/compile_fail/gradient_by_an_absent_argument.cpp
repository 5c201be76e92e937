// expect: grad: the function has no argument at this position; the first is at 0
// expect: position<2>::exists_among<2>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, auto y) { return cg::sum(x * y); };

#ifdef CTGRAD_CONTROL
constexpr auto gradient = cg::grad<1>(f);
#else
constexpr auto gradient = cg::grad<2>(f);
#endif
cg::Program<gradient, cg::Tensor<3>, cg::Tensor<3>> program;
