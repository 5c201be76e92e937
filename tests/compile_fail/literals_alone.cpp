// expect: literals alone have no graph: say beside\(x, literal\) with a traced x
// max-lines: 16
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::select(cg::beside(x, cg::iota<4>()) < 2, x, 0); };
#else
constexpr auto f = [](auto x) { return cg::select(cg::iota<4>() < 2, x, 0); };
#endif
cg::Program<f, cg::Tensor<4>> program;
