// expect: DecoderLayer: memory's last axis .first number. is not as wide as the layer .second number.
// expect: input_width<16, 8>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Decoder = cg::nn::Decoder<2, 8, 2, 16>;

constexpr auto decode = [](const auto& decoder, auto x, auto memory) { return decoder(x, memory); };

#ifdef CTGRAD_CONTROL
using Memory = cg::Tensor<2, 5, 8>;
#else
using Memory = cg::Tensor<2, 5, 16>;
#endif
cg::Program<decode, Decoder, cg::Tensor<2, 4, 8>, Memory> program;
