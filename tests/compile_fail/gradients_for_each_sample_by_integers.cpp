// expect: grad: integers, masks and keys have no derivative; choose arguments without them
// expect: argument<0, .*Array<.*index, 3> ?>::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto ids, auto x) { return cg::sum(cg::as_real(ids) * x); };

#ifdef CTGRAD_CONTROL
constexpr auto gradients = cg::vmap(cg::grad<1>(f));
#else
constexpr auto gradients = cg::vmap(cg::grad(f));
#endif
cg::Program<gradients, cg::Index<2, 3>, cg::Tensor<2, 3>> program;
