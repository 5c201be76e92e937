// expect: ShardedProgram: of grad.f. it is not known which results are gradients
// expect: sharded_function<.*Grad<.*>::says_what_gradients_are
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](const auto& layer, auto x) { return cg::mean(layer(x)); };

#ifdef CTGRAD_CONTROL
cg::ShardedProgram<2, cg::value_and_grad(f), cg::nn::Linear<3, 2>, cg::Tensor<8, 3>> program;
#else
cg::ShardedProgram<2, cg::grad<1>(f), cg::nn::Linear<3, 2>, cg::Tensor<8, 3>> program;
#endif
