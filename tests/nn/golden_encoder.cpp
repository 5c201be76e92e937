#include <nn/golden.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using test::difference;

template <nn::Activation A>
using Layer = nn::EncoderLayer<4, 2, 16, test::golden_options<A>>;

constexpr auto encode = [](const auto& layer, auto x) { return layer(x); };
constexpr auto encode_without_first_key = [](const auto& layer, auto x) {
  return layer(x, beside(x, iota_along<1, 1, 2>()) > 0);
};

}  // namespace

TEST_CASE("an encoder layer gives the golden table's rows") {
  using Relu = Layer<nn::Activation::relu>;
  using Gelu = Layer<nn::Activation::gelu>;
  const auto parameters = test::cosines<Relu>();
  const xt::xtensor<double, 3> one = {{{20, 30, 40, 50}}};
  const xt::xtensor<double, 3> two = {{{1, 2, 3, 4}, {5, 6, 7, 8}}};
  const xt::xtensor<double, 3> five = {{{.7462, .6653, .5679, .4891},
                                        {.8335, .2799, .5031, .2947},
                                        {.6333, .9344, .1376, .9938},
                                        {.9897, .6915, .3154, .1733},
                                        {.8117, .2366, .4838, .7881}}};
  DoubleProgram<encode, Relu, Tensor<1, 1, 4>> relu_one;
  DoubleProgram<encode, Gelu, Tensor<1, 1, 4>> gelu_one;
  DoubleProgram<encode, Relu, Tensor<1, 2, 4>> relu_two;
  DoubleProgram<encode_without_first_key, Relu, Tensor<1, 2, 4>> masked;
  DoubleProgram<encode, Relu, Tensor<1, 5, 4>> relu_five;

  const auto both = relu_two(parameters, two);
  const auto without_first = masked(parameters, two);
  const auto rows = relu_five(parameters, five);
  const double differences[] = {
      difference(relu_one(parameters, one), 0, 0, {2.258703, .127985, -.697881, .170862}),
      difference(gelu_one(test::cosines<Gelu>(), one), 0, 0, {2.249815, .131006, -.702199, .177868}),
      difference(both, 0, 0, {2.272644, .119035, -.691669, .153486}),
      difference(both, 0, 1, {2.272644, .119035, -.691669, .153486}),
      difference(without_first, 0, 0, {2.301516, .092249, -.679101, .103088}),
      difference(without_first, 0, 1, {2.301516, .092249, -.679101, .103088}),
      difference(rows, 0, 0, {2.428589, .020835, -.602055, -.085249}),
      difference(rows, 0, 4, {2.416246, .017512, -.610712, -.082961}),
  };
  const double largest = test::check_golden(differences);
  std::printf("figure: golden table, encoder: %zu rows, largest difference %.1e (bar %.0e)\n",
              std::size(differences), largest, test::golden_bar);
}
