// expect: sum: the axis is out of range
// expect: axis<2>.*exists_in_rank<2>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::sum<1>(x); };
#else
constexpr auto f = [](auto x) { return cg::sum<2>(x); };
#endif
cg::Program<f, cg::Tensor<2, 3>> program;
