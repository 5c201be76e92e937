// expect: Linear: the input's last axis .first number. is not as wide as the layer's inputs .second number.
// expect: input_width<32, 16>
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

#ifdef CTGRAD_CONTROL
using Head = cg::nn::Linear<32, 3>;
#else
using Head = cg::nn::Linear<16, 3>;
#endif

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<8, 32>, hidden), (Head, head));
  constexpr auto operator()(auto x) const { return head(cg::relu(hidden(x))); }
};

constexpr auto predict = [](const auto& model, auto x) { return model(x); };
cg::Program<predict, Model, cg::Tensor<5, 8>> program;
