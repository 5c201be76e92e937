// expect: an argument of rank 0 is a number \(Tensor\), an integer \(Index\)
// expect: (Argument = double|NumberFor<double)
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto id) { return cg::as_real(id); };

#ifdef CTGRAD_CONTROL
using Id = int;
#else
using Id = double;
#endif
float first(cg::Program<f, cg::Index<>>& program) { return program(Id{3}); }
