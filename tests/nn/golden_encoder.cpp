#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <cstdio>

// One encoder layer of width 4 with 2 heads and 16 hidden: what a peer's own test expects, its digits
// truncated.
namespace {

using namespace ctgrad;

template <nn::Activation A>
using Layer = nn::EncoderLayer<4, 2, 16, nn::TransformerOptions{.activation = A, .epsilon = {1e-5}}>;

constexpr double bar = 2e-6;

/// Element (row, column) of a matrix of `columns` columns that holds cos(0), cos(1), ... in row-major order.
double cosine(std::size_t row, std::size_t columns, std::size_t column) {
  return std::cos(static_cast<double>(row * columns + column));
}

/// A weight [inputs, outputs] from rows `first`... of the peer's [outputs, inputs] matrix.
void fill_weight(std::span<double> weight, std::size_t inputs, std::size_t first) {
  const std::size_t outputs = weight.size() / inputs;
  for (std::size_t in = 0; in < inputs; ++in) {
    for (std::size_t out = 0; out < outputs; ++out)
      weight[in * outputs + out] = cosine(first + out, inputs, in);
  }
}

void fill_vector(std::span<double> vector, std::size_t first) {
  for (std::size_t i = 0; i < vector.size(); ++i) vector[i] = std::cos(static_cast<double>(first + i));
}

template <class Model>
Parameters<Model, double> cosines() {
  Parameters<Model, double> parameters{Seed{1}};
  const char* projections[] = {"attention.query", "attention.key", "attention.value"};
  for (std::size_t i = 0; i < 3; ++i) {
    fill_weight(parameters.span(std::string(projections[i]) + ".weight"), 4, 4 * i);
    fill_vector(parameters.span(std::string(projections[i]) + ".bias"), 4 * i);
  }
  fill_weight(parameters.span("attention.output.weight"), 4, 0);
  fill_weight(parameters.span("feed_forward.expand.weight"), 4, 0);
  fill_weight(parameters.span("feed_forward.contract.weight"), 16, 0);
  for (const char* name :
       {"attention.output.bias", "attention_norm.scale", "attention_norm.shift", "feed_forward.expand.bias",
        "feed_forward.contract.bias", "feed_forward_norm.scale", "feed_forward_norm.shift"}) {
    fill_vector(parameters.span(name), 0);
  }
  return parameters;
}

constexpr auto encode = [](const auto& layer, auto x) { return layer(x); };
constexpr auto encode_without_first_key = [](const auto& layer, auto x) {
  return layer(x, beside(x, iota_along<1, 1, 2>()) > 0);
};

/// The largest difference of a row from what is expected.
template <class Output>
double difference(const Output& output, std::size_t row, const std::array<double, 4>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i) largest = std::max(largest, std::abs(output(0, row, i) - expected[i]));
  return largest;
}

}  // namespace

TEST_CASE("an encoder layer gives the golden table's rows") {
  using Relu = Layer<nn::Activation::relu>;
  using Gelu = Layer<nn::Activation::gelu>;
  const auto parameters = cosines<Relu>();
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
      difference(relu_one(parameters, one), 0, {2.258703, .127985, -.697881, .170862}),
      difference(gelu_one(cosines<Gelu>(), one), 0, {2.249815, .131006, -.702199, .177868}),
      difference(both, 0, {2.272644, .119035, -.691669, .153486}),
      difference(both, 1, {2.272644, .119035, -.691669, .153486}),
      difference(without_first, 0, {2.301516, .092249, -.679101, .103088}),
      difference(without_first, 1, {2.301516, .092249, -.679101, .103088}),
      difference(rows, 0, {2.428589, .020835, -.602055, -.085249}),
      difference(rows, 4, {2.416246, .017512, -.610712, -.082961}),
  };
  double largest = 0;
  for (const double apart : differences) {
    CHECK(apart < bar);
    largest = std::max(largest, apart);
  }
  std::printf("figure: golden table, encoder: %zu rows, largest difference %.1e (bar %.0e)\n",
              std::size(differences), largest, bar);
}
