// expect: PositionEmbedding: the sequences .first number. are longer than the table .second number.
// expect: sequence_length<13, 12>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Embedding<16, 8>,          tokens),
    (cg::nn::PositionEmbedding<12, 8>,  positions),
    (cg::nn::Encoder<1, 8, 2, 16>,      encoder),
    (cg::nn::Linear<8, 16>,             head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };

#ifdef CTGRAD_CONTROL
using Ids = cg::Index<4, 12>;
#else
using Ids = cg::Index<4, 13>;
#endif
cg::Program<predict, Model, Ids> program;
