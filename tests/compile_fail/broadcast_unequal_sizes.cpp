// expect: add: the shapes do not broadcast
// expect: Array<.*2, 3>.*Array<.*4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Right = cg::Tensor<3>;
#else
using Right = cg::Tensor<4>;
#endif

constexpr auto f = [](auto x, auto y) { return x + y; };
cg::Program<f, cg::Tensor<2, 3>, Right> program;
