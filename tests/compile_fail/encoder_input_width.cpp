// expect: EncoderLayer: the input's last axis .first number. is not as wide as the layer .second number.
// expect: input_width<16, 8>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Encoder = cg::nn::Encoder<2, 8, 2, 16>;

constexpr auto encode = [](const auto& encoder, auto x) { return encoder(x); };

#ifdef CTGRAD_CONTROL
using X = cg::Tensor<2, 5, 8>;
#else
using X = cg::Tensor<2, 5, 16>;
#endif
cg::Program<encode, Encoder, X> program;
