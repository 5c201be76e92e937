// expect: SinusoidalPositions: the sequences .first number. are longer than the table .second number.
// expect: sequence_length<9, 8>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Model = cg::nn::Transformer<cg::nn::TransformerShape{.source_vocabulary = 5,
                                                           .source_length = 6,
                                                           .target_vocabulary = 5,
                                                           .target_length = 8,
                                                           .width = 8,
                                                           .encoder_layers = 1,
                                                           .decoder_layers = 1,
                                                           .positions = cg::nn::Positions::sinusoidal}>;

constexpr auto translate = [](const auto& model, auto source, auto lengths, auto target) {
  return model(source, lengths, target);
};

#ifdef CTGRAD_CONTROL
using Target = cg::Index<2, 8>;
#else
using Target = cg::Index<2, 9>;
#endif
cg::Program<translate, Model, cg::Index<2, 6>, cg::Index<2>, Target> program;
