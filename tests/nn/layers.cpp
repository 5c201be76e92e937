#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>

namespace {

using namespace ctgrad;

constexpr auto apply = [](const auto& layer, auto x) { return layer(x); };

double largest_difference(const auto& a, const auto& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

xt::xtensor<double, 3> numbers(std::size_t a, std::size_t b, std::size_t c) {
  xt::xtensor<double, 3> x = xt::zeros<double>({a, b, c});
  Random random(Seed{5});
  for (double& number : x) number = random.normal();
  return x;
}

}  // namespace

TEST_CASE("a linear layer is x weight + bias on any leading axes") {
  Parameters<nn::Linear<3, 2>, double> parameters{Seed{1}};
  parameters["bias"](1) = 0.5;
  DoubleProgram<apply, nn::Linear<3, 2>, Tensor<2, 4, 3>> deep;
  DoubleProgram<apply, nn::Linear<3, 2>, Tensor<3>> flat;
  const auto x = numbers(2, 4, 3);
  const auto y = deep(parameters, x);
  const xt::xtensor<double, 1> row = {x(1, 2, 0), x(1, 2, 1), x(1, 2, 2)};
  const auto one = flat(parameters, row);
  for (std::size_t j = 0; j < 2; ++j) {
    double expected = j == 1 ? 0.5 : 0;
    for (std::size_t i = 0; i < 3; ++i) expected += row(i) * parameters["weight"](i, j);
    CHECK_THAT(y(1, 2, j), Catch::Matchers::WithinAbs(expected, 1e-14));
    CHECK_THAT(one(j), Catch::Matchers::WithinAbs(expected, 1e-14));
  }
}

TEST_CASE("attention of one sequence is that sequence's part of a batch") {
  using Attention = nn::MultiHeadAttention<4, 2>;
  const Parameters<Attention, double> parameters{Seed{2}};
  DoubleProgram<apply, Attention, Tensor<2, 3, 4>> batched;
  DoubleProgram<apply, Attention, Tensor<3, 4>> single;
  const auto x = numbers(2, 3, 4);
  const auto both = batched(parameters, x);
  xt::xtensor<double, 2> second = xt::zeros<double>({3, 4});
  xt::xtensor<double, 2> expected = xt::zeros<double>({3, 4});
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t i = 0; i < 4; ++i) {
      second(t, i) = x(1, t, i);
      expected(t, i) = both(1, t, i);
    }
  }
  CHECK(largest_difference(single(parameters, second), expected) < 1e-14);
}

TEST_CASE("a token that the mask hides has no influence, and a fully masked row attends to nothing") {
  constexpr auto without_last = [](const auto& attention, auto x) {
    return attention(x, beside(x, iota_along<1, 3, 3>()) < 2);
  };
  constexpr auto nothing = [](const auto& attention, auto x) {
    return attention(x, beside(x, iota_along<1, 3, 3>()) < 0);
  };
  using Attention = nn::MultiHeadAttention<4, 2>;
  const Parameters<Attention, double> parameters{Seed{2}};
  DoubleProgram<without_last, Attention, Tensor<1, 3, 4>> masked;
  DoubleProgram<nothing, Attention, Tensor<1, 3, 4>> empty;
  auto x = numbers(1, 3, 4);
  const xt::xtensor<double, 3> before = masked(parameters, x);
  for (std::size_t i = 0; i < 4; ++i) x(0, 2, i) += 3;
  const auto after = masked(parameters, x);
  for (std::size_t t = 0; t < 2; ++t) {
    for (std::size_t i = 0; i < 4; ++i) CHECK(after(0, t, i) == before(0, t, i));
  }
  const auto nowhere = empty(parameters, x);
  for (std::size_t i = 0; i < 4; ++i) CHECK(nowhere(0, 1, i) == parameters["output.bias"](i));
}

TEST_CASE("attention over a memory takes its keys and values from there") {
  constexpr auto over = [](const auto& attention, auto x, auto memory) { return attention(x, memory); };
  using Attention = nn::MultiHeadAttention<4, 2>;
  const Parameters<Attention, double> parameters{Seed{2}};
  DoubleProgram<over, Attention, Tensor<2, 3, 4>, Tensor<2, 3, 4>> cross;
  DoubleProgram<apply, Attention, Tensor<2, 3, 4>> self;
  const auto x = numbers(2, 3, 4);
  CHECK(largest_difference(cross(parameters, x, x), self(parameters, x)) < 1e-15);
  DoubleProgram<over, Attention, Tensor<2, 3, 4>, Tensor<2, 5, 4>> longer;
  const auto y = longer(parameters, x, numbers(2, 5, 4));
  CHECK(y.shape()[1] == 3);
}

TEST_CASE("every activation of the feed-forward network is the function of its name") {
  const auto x = numbers(1, 2, 3);
  const auto check = [&]<nn::Activation A>(std::integral_constant<nn::Activation, A>, auto function) {
    using Layer = nn::FeedForward<3, 3, A>;
    Parameters<Layer, double> parameters{Seed{1}};
    for (const char* weight : {"expand.weight", "contract.weight"}) {
      for (std::size_t i = 0; i < 9; ++i) parameters.span(weight)[i] = i % 4 == 0 ? 1 : 0;
    }
    DoubleProgram<apply, Layer, Tensor<1, 2, 3>> program;
    const auto y = program(parameters, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK_THAT(y.data()[i], Catch::Matchers::WithinAbs(function(x.data()[i]), 1e-14));
    }
  };
  check(std::integral_constant<nn::Activation, nn::Activation::relu>{},
        [](double z) { return z > 0 ? z : 0; });
  check(std::integral_constant<nn::Activation, nn::Activation::gelu>{},
        [](double z) { return 0.5 * z * (1 + std::erf(z / std::sqrt(2.0))); });
  check(std::integral_constant<nn::Activation, nn::Activation::gelu_tanh>{}, [](double z) {
    return 0.5 * z * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (z + 0.044715 * z * z * z)));
  });
  check(std::integral_constant<nn::Activation, nn::Activation::silu>{},
        [](double z) { return z / (1 + std::exp(-z)); });
}
