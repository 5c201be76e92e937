// expect: pick: the ids are not one for every row
// expect: Array<.*2>.*Array<.*4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Ids = cg::Index<2>;
#else
using Ids = cg::Index<4>;
#endif

constexpr auto f = [](auto x, auto ids) { return cg::pick(x, ids); };
cg::Program<f, cg::Tensor<2, 3>, Ids> program;
