// expect: Program: the function takes another number or other types of arguments
// expect: argument_types<.*Array<.*real, 3> ?>::suit_the_function
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return cg::sum(x * x); };
#else
constexpr auto f = [](auto x, auto y) { return cg::sum(x * y); };
#endif
cg::Program<f, cg::Tensor<3>> program;
