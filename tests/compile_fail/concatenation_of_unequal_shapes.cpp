// expect: concatenate: the shapes differ beside the axis
// expect: besides_axis<0, .*Array<.*2, 3>.*Array<.*2, 4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Second = cg::Tensor<5, 3>;
#else
using Second = cg::Tensor<2, 4>;
#endif

constexpr auto f = [](auto x, auto y) { return cg::concatenate<0>(x, y); };
cg::Program<f, cg::Tensor<2, 3>, Second> program;
