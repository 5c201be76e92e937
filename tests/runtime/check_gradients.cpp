#include <ctgrad/ctgrad.hpp>
#include <ctgrad/runtime/check_gradients.hpp>

#include <support/catch.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;

constexpr auto smooth = [](auto x, auto y) { return tanh(matmul(x, y)) * exp(sum<0>(x, keep)); };

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<5, 4>,          tokens),
    (nn::EncoderLayer<4, 2, 8, nn::EncoderOptions{.activation = nn::Activation::gelu}>, layer),
    (nn::Linear<4, 5>,             head));
};
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model.head(model.layer(model.tokens(ids))), targets);
};

constexpr auto kinked = [](auto x, auto y) { return sum(y * relu(x)); };

}  // namespace

TEST_CASE("the checker passes right gradients of a function of two matrices") {
  const xt::xtensor<double, 2> x = {{0.1, -0.4, 0.3}, {0.7, 0.2, -0.5}};
  const xt::xtensor<double, 2> y = {{0.3, 0.9, -0.1}, {-0.6, 0.4, 0.2}, {0.5, -0.2, 0.8}};
  const GradientCheck check = check_gradients<Tensor<2, 3>, Tensor<3, 3>>(smooth, x, y);
  CHECK(check.checks == 1 + 6 + 15);
  CHECK(check.tangent_error < 1e-8);
  CHECK(check.adjoint_error < 1e-12);
}

TEST_CASE("the checker passes a whole encoder with cross-entropy") {
  Parameters<Model, double> parameters{Seed{3}};
  for (double& number : parameters.span("tokens.table")) number *= 20;  // far from rows of equal numbers
  const xt::xtensor<std::int32_t, 2> ids = {{0, 1, 4}, {3, 3, 2}};
  const xt::xtensor<std::int32_t, 2> targets = {{4, 1, 0}, {2, 3, 3}};
  const GradientCheck check =
      check_gradients<Model, Index<2, 3>, Index<2, 3>>(loss, parameters, ids, targets);
  CHECK(check.checks > 200);
  std::printf(
      "figure: check_gradients of an encoder layer with cross-entropy: %d checks, tangent %.1e, entries %.1e "
      "(bar 1e-8), adjoint %.1e (bar 1e-12)\n",
      check.checks, check.tangent_error, check.entry_error, check.adjoint_error);
}

TEST_CASE("the checker names argument, entry and both numbers where differences disagree") {
  const xt::xtensor<double, 1> at_the_kink = {0.5, 0.0};
  const xt::xtensor<double, 1> y = {1.0, 1.0};
  CHECK_THROWS_AS((check_gradients<Tensor<2>, Tensor<2>>(kinked, at_the_kink, y)), GradientMismatch);
  CHECK_THROWS_WITH((check_gradients<Tensor<2>, Tensor<2>>(kinked, at_the_kink, y)),
                    test::contains("by differences"));
}
