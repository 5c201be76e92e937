// expect: Linear: the input's last axis .first number. is not as wide as the layer's inputs .second number.
// expect: input_width<16, 8>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Layer = cg::nn::DecoderLayer<8, 2, 16>;

constexpr auto decode = [](const auto& layer, auto x, auto memory) { return layer(x, memory); };

#ifdef CTGRAD_CONTROL
using Memory = cg::Tensor<2, 5, 8>;
#else
using Memory = cg::Tensor<2, 5, 16>;
#endif
cg::Program<decode, Layer, cg::Tensor<2, 4, 8>, Memory> program;
