// What compile_chart.sh compiles: the training step of an encoder of LAYERS layers, without anything around
// it. With WRONG_WIDTH the output layer does not fit the encoder.
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

namespace compile_chart {

#ifdef WRONG_WIDTH
constexpr cg::Size head_width = 33;
#else
constexpr cg::Size head_width = 32;
#endif

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Embedding<16, 32>,               tokens),
    (cg::nn::PositionEmbedding<16, 32>,       positions),
    (cg::nn::Encoder<LAYERS, 32, 2, 64>,      encoder),
    (cg::nn::Linear<head_width, 16>,          head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cg::cross_entropy(model(ids), targets);
};

float train(cg::Parameters<Model>& parameters, cg::Adam<float>& adam, const xt::xtensor<std::int32_t, 2>& ids,
            const xt::xtensor<std::int32_t, 2>& targets);

float train(cg::Parameters<Model>& parameters, cg::Adam<float>& adam, const xt::xtensor<std::int32_t, 2>& ids,
            const xt::xtensor<std::int32_t, 2>& targets) {
  using Ids = cg::Index<32, 16>;
  static cg::Program<cg::value_and_grad(loss), Model, Ids, Ids> step;
  const auto result = step(parameters, ids, targets);
  adam.update(parameters, result.gradients);
  return result.value;
}

}  // namespace compile_chart
