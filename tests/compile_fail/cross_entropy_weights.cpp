// expect: cross_entropy: the weights are not one for every row of logits
// expect: shapes<.*Array<.*2, 3>.*Array<.*2>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Weights = cg::Tensor<2, 3>;
#else
using Weights = cg::Tensor<2>;
#endif

constexpr auto loss = [](auto logits, auto targets, auto weights) {
  return cg::cross_entropy(logits, targets, weights);
};
cg::Program<loss, cg::Tensor<2, 3, 5>, cg::Index<2, 3>, Weights> program;
