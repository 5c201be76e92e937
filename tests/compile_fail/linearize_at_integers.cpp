// expect: linearize: no argument of the function holds real numbers
// expect: argument_types<.*Array<.*index, 3> ?>::include_a_real_one
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(cg::as_real(x > 0)); };
constexpr auto value = [](auto x) { return cg::linearize(f, x).value; };

#ifdef CTGRAD_CONTROL
cg::Program<value, cg::Tensor<3>> program;
#else
cg::Program<value, cg::Index<3>> program;
#endif
