// expect: cross_entropy: logits and probabilities have different shapes; class ids are an Index, not a Tensor
// expect: shapes<.*Array<.*2, 3>.*Array<.*2>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Targets = cg::Index<2>;
#else
using Targets = cg::Tensor<2>;
#endif

constexpr auto loss = [](auto logits, auto targets) { return cg::cross_entropy(logits, targets); };
cg::Program<loss, cg::Tensor<2, 3>, Targets> program;
