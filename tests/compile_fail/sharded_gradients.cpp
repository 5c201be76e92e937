// expect: ShardedProgram: gradients are those of models, which all shards share
// expect: sharded_gradients<.*Array<.*real, 4, 3> ?>::are_of_models
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x, const auto& layer) { return cg::mean(layer(x)); };
using Layer = cg::nn::Linear<3, 2>;

#ifdef CTGRAD_CONTROL
cg::ShardedProgram<2, cg::value_and_grad<1>(f), cg::Tensor<8, 3>, Layer> program;
#else
cg::ShardedProgram<2, cg::value_and_grad<0>(f), cg::Tensor<8, 3>, Layer> program;
#endif
