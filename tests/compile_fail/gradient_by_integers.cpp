// expect: grad: integers, masks and keys have no derivative; choose arguments without them
// expect: argument<0, .*Array<.*index, 3> ?>::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto ids, auto x) { return cg::sum(cg::as_real(ids) * x); };

#ifdef CTGRAD_CONTROL
constexpr auto gradient = cg::grad<1>(f);
#else
constexpr auto gradient = cg::grad(f);
#endif
cg::Program<gradient, cg::Index<3>, cg::Tensor<3>> program;
