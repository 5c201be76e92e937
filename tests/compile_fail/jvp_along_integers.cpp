// expect: jvp: integers, masks and keys have no derivative; choose arguments without them
// expect: argument<0, .*Array<.*index, 3> ?>::is_real
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(cg::as_real(x > 0)); };

#ifdef CTGRAD_CONTROL
using Vector = cg::Tensor<3>;
#else
using Vector = cg::Index<3>;
#endif
cg::Program<cg::jvp<0>(f), Vector, Vector> program;
