// expect: a DoubleProgram stores all numbers as double: mixed precision is a Program.s, in float
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::sum(x); };

#ifdef CTGRAD_CONTROL
cg::MixedProgram<f, cg::Tensor<3>> program;
#else
cg::DoubleProgram<cg::mixed(f), cg::Tensor<3>> program;
#endif
