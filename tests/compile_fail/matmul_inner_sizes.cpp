// expect: matmul: the columns of left .first number. are not the rows of right .second number.
// expect: inner_dimensions<3, 4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Right = cg::Tensor<3, 5>;
#else
using Right = cg::Tensor<4, 5>;
#endif

constexpr auto f = [](auto x, auto y) { return cg::sum(cg::matmul(x, y)); };
cg::Program<f, cg::Tensor<2, 3>, Right> program;
