// expect: update: takes gradients, or a loss with them, as a Program of value_and_grad\(loss\) gives
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (cg::nn::Linear<3, 2>, head));
  constexpr auto operator()(auto x) const { return head(x); }
};
constexpr auto loss = [](const auto& model, auto x) { return cg::sum(model(x)); };

#ifdef CTGRAD_CONTROL
using Step = cg::Program<cg::value_and_grad(loss), Model, cg::Tensor<3>>;
#else
using Step = cg::Program<loss, Model, cg::Tensor<3>>;
#endif

void train(cg::Parameters<Model>& parameters, cg::Adam<float>& adam, Step& step,
           const xt::xtensor<float, 1>& x) {
  adam.update(parameters, step(parameters, x));
}
