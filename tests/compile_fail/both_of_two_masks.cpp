// expect: say a & b of masks
// expect: traced<.*mask, 3>::has_a_value_yet<bool>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::as_real((x > 0) & (x < 1)); };
#else
constexpr auto f = [](auto x) { return cg::as_real(x > 0 && x < 1); };
#endif
cg::Program<f, cg::Tensor<3>> program;
