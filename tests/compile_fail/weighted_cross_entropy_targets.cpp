// expect: cross_entropy: the targets are not one for every row of logits
// expect: shapes<.*Array<.*2, 3>.*Array<.*2, 4>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
constexpr cg::Size length = 3;
#else
constexpr cg::Size length = 4;
#endif

constexpr auto loss = [](auto logits, auto targets, auto weights) {
  return cg::cross_entropy(logits, targets, weights);
};
cg::Program<loss, cg::Tensor<2, 3, 5>, cg::Index<2, length>, cg::Tensor<2, length>> program;
