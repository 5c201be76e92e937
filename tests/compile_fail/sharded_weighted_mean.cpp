// expect: ShardedProgram: a mean by weights is the function.s result, or what value_and_grad is taken of
// expect: weighted_mean_in<.*>::is_the_result
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](const auto& layer, auto x, auto weights) {
  const auto mean = cg::weighted_mean(cg::sum<-1>(layer(x)), weights);
#ifdef CTGRAD_CONTROL
  return mean;
#else
  return 0.5 * mean;
#endif
};
cg::ShardedProgram<2, cg::value_and_grad(f), cg::nn::Linear<3, 2>, cg::Tensor<8, 3>, cg::Tensor<8>> program;
