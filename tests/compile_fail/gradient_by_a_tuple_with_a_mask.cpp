// expect: grad: integers, masks and keys have no derivative; choose arguments without them
// expect: argument<0, std::tuple<.*real, 3>.*mask, 3>[> ]*::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto pair) { return cg::sum(std::get<0>(pair) * cg::as_real(std::get<1>(pair) > 0)); };
constexpr auto masked = [](auto pair) {
  return cg::sum(cg::select(std::get<1>(pair), std::get<0>(pair), 0));
};

#ifdef CTGRAD_CONTROL
cg::Program<cg::grad(f), std::tuple<cg::Tensor<3>, cg::Tensor<3>>> program;
#else
cg::Program<cg::grad(masked), std::tuple<cg::Tensor<3>, cg::Mask<3>>> program;
#endif
