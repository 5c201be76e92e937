#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cstdio>

/// Every derivative of a pre-norm decoder layer over padded memory, in both modes.
namespace {

using namespace ctgrad;

using Layer = nn::DecoderLayer<
    4, 2, 6, nn::TransformerOptions{.activation = nn::Activation::gelu, .norm = nn::NormPlacement::pre}>;
using X = Tensor<2, 3, 4>;
using Memory = Tensor<2, 3, 4>;

constexpr auto decode = [](const auto& layer, auto x, auto memory, auto lengths) {
  return layer(x, memory, nn::padding_mask<3>(lengths));
};

xt::xtensor<double, 3> numbers(Random& random) {
  xt::xtensor<double, 3> x = xt::zeros<double>({2, 3, 4});
  for (double& number : x) number = random.normal();
  return x;
}

}  // namespace

TEST_CASE("a pre-norm decoder layer has the derivatives that differences say, by layer, input and memory") {
  Parameters<Layer, double> parameters{Seed{1}};
  Random random(Seed{5});  // no row of nearly equal numbers, near which a norm bends much
  const auto x = numbers(random);
  const auto memory = numbers(random);
  const xt::xtensor<std::int32_t, 1> lengths = {2, 3};
  const GradientCheck found =
      check_gradients<Layer, X, Memory, Index<2>>(decode, parameters, x, memory, lengths);
  CHECK(found.checks > 100);
  std::printf(
      "figure: a pre-norm decoder layer against differences: tangent %.1e, %d checks of entries %.1e (bar "
      "1e-08), modes against each other %.1e (bar 1e-12)\n",
      found.tangent_error, found.checks, found.entry_error, found.adjoint_error);
}
