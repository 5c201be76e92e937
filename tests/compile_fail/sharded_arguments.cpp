// expect: the function takes another number or other types of arguments
// expect: suit_the_function
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](const auto& layer, auto x) { return cg::mean(layer(x)); };

#ifdef CTGRAD_CONTROL
cg::ShardedProgram<2, cg::value_and_grad(f), cg::nn::Linear<3, 2>, cg::Tensor<8, 3>> program;
#else
cg::ShardedProgram<2, cg::value_and_grad(f), cg::nn::Linear<3, 2>, cg::Tensor<8, 3>, cg::Key> program;
#endif
