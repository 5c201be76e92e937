// expect: reshape: the old and the new shape have different numbers of elements
// expect: Array<.*2, 3>.*Array<.*4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::reshape<6>(x); };
#else
constexpr auto f = [](auto x) { return cg::reshape<4>(x); };
#endif
cg::Program<f, cg::Tensor<2, 3>> program;
