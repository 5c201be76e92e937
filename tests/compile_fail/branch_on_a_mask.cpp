// expect: instead of if, while and .: say select\(mask, a, b\)
// expect: traced<.*mask>::has_a_value_yet<bool>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::select(cg::sum(x) > 0, x, -x); };
#else
constexpr auto f = [](auto x) {
  if (cg::sum(x) > 0) return x;
  return -x;
};
#endif
cg::Program<f, cg::Tensor<3>> program;
