// expect: mean: the axis is out of range
// expect: axis<-3>.*exists_in_rank<2>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::mean<-2>(x, cg::keep); };
#else
constexpr auto f = [](auto x) { return cg::mean<-3>(x, cg::keep); };
#endif
cg::Program<f, cg::Tensor<2, 3>> program;
