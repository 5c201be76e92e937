// expect: Program: the function.s result is an array, a struct that lists its members with BOOST_HANA
// expect: part<void, .*no_tree>::is_an_array
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x) { return x; };
#else
constexpr auto f = [](auto) {};
#endif
cg::Program<f, cg::Tensor<3>> program;
