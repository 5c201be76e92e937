// expect: dropout: its random numbers come from a Key, which is an argument of the program
// expect: key<int>::is_a_key
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr auto f = [](auto x, auto key) { return cg::dropout(x, 0.5, key); };
#else
constexpr auto f = [](auto x, auto) { return cg::dropout(x, 0.5, 7); };
#endif
cg::Program<f, cg::Tensor<3>, cg::Key> program;
