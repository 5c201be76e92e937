// expect: Embedding: ids are an Index, not a Tensor of real numbers
// expect: ids<.*(real|0).*are_integers
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](const auto& table, auto ids) { return table(ids); };

#ifdef CTGRAD_CONTROL
using Ids = cg::Index<4, 6>;
#else
using Ids = cg::Tensor<4, 6>;
#endif
cg::Program<f, cg::nn::Embedding<16, 8>, Ids> program;
