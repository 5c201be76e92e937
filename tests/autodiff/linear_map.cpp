#include <ctgrad/autodiff/linear_map.hpp>
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/cost.hpp>
#include <ctgrad/inspect/residuals.hpp>

#include <support/catch.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;

constexpr auto f = [](auto x, auto y) { return tanh(matmul(x, y)) * sum<0>(y, keep); };

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<16, 32>,          tokens),
    (nn::Encoder<2, 32, 2, 64>,      encoder),
    (nn::Linear<32, 16>,             head));
};
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model.head(model.encoder(model.tokens(ids))), targets);
};
using Ids = Index<4, 12>;

const xt::xtensor<double, 2> left = {{0.1, 0.4, -0.2}, {-0.3, 0.2, 0.6}};
const xt::xtensor<double, 2> right = {{0.5, -0.1}, {0.2, 0.3}, {-0.4, 0.7}};

}  // namespace

TEST_CASE("a linearised function gives the value once and the tangents of jvp for every direction") {
  constexpr auto two_directions = [](auto x, auto y, auto v, auto w) {
    const auto [value, derivative] = linearize(f, x, y);
    return std::tuple{value, derivative(v, w), derivative(2 * v, -w)};
  };
  using X = Tensor<2, 3>;
  using Y = Tensor<3, 2>;
  DoubleProgram<two_directions, X, Y, X, Y> program;
  DoubleProgram<jvp(f), X, Y, X, Y> directional;
  const auto [value, first, second] = program(left, right, left, right);
  const auto expected = directional(left, right, left, right);
  const xt::xtensor<double, 2> doubled = 2 * left;
  const xt::xtensor<double, 2> negated = -right;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(value.data()[i] == expected.value.data()[i]);
    CHECK(first.data()[i] == expected.tangent.data()[i]);
  }
  const auto other = directional(left, right, doubled, negated);
  for (std::size_t i = 0; i < 4; ++i) CHECK(second.data()[i] == other.tangent.data()[i]);
}

TEST_CASE("the transpose of a linearised function gives the cotangents of vjp") {
  constexpr auto pulled = [](auto x, auto y, auto u) { return linearize(f, x, y).derivative.transpose(u); };
  DoubleProgram<pulled, Tensor<2, 3>, Tensor<3, 2>, Tensor<2, 2>> program;
  DoubleProgram<vjp(f), Tensor<2, 3>, Tensor<3, 2>, Tensor<2, 2>> reverse;
  const xt::xtensor<double, 2> u = {{1, -2}, {0.5, 3}};
  const auto [of_x, of_y] = program(left, right, u);
  const auto expected = reverse(left, right, u);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(of_x.data()[i] == std::get<0>(expected.cotangents).data()[i]);
    CHECK(of_y.data()[i] == std::get<1>(expected.cotangents).data()[i]);
  }
}

TEST_CASE("value and gradient cost at most 3.2 times the function's operations, and so do value and jvp") {
  const Graph value = runtime::Trace<loss, Model, Ids, Ids>::make();
  const Graph gradient = runtime::Trace<value_and_grad(loss), Model, Ids, Ids>::make();
  const Graph directional = runtime::Trace<jvp(loss), Model, Ids, Ids, Model>::make();
  const double once = static_cast<double>(flops(value));
  const double reverse = static_cast<double>(flops(gradient)) / once;
  const double forward = static_cast<double>(flops(directional)) / once;
  CHECK(reverse <= 3.2);
  CHECK(forward <= 3.2);
  std::printf(
      "figure: operations against the function's %.0f: value and gradient %.2f times, value and jvp %.2f "
      "times "
      "(bar 3.2)\n",
      once, reverse, forward);
}

TEST_CASE("softmax keeps its result alone, a normalised row its result and one number") {
  constexpr auto softmax_alone = [](auto x) { return softmax(x); };
  constexpr auto normalized = [](auto x) { return normalize(x); };
  const auto kept = [](const Graph& graph) {
    Size elements = 0;
    for (const Residual& residual : residuals_of(graph, 1)) elements += residual.elements;
    return elements;
  };
  CHECK(kept(reverse_graph<softmax_alone, Tensor<3, 8>>()) == 24);
  CHECK(kept(reverse_graph<normalized, Tensor<3, 8>>()) == 24 + 3);
  CHECK_THAT((residuals<softmax_alone, Tensor<3, 8>>()), test::contains("kept: 96 bytes besides inputs"));
}
