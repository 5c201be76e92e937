#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <cstdio>

/// Positions that are not learned, and masks, number by number.
namespace {

using namespace ctgrad;

constexpr Size length = 50, width = 16;

constexpr auto with_positions = [](auto x) { return nn::SinusoidalPositions<length, width>{}(x); };
constexpr auto with_positions_at = [](auto x, auto positions) {
  return nn::SinusoidalPositions<length, width>{}.at(x, positions);
};
constexpr auto learned = [](const auto& layer, auto x) { return layer(x); };
constexpr auto learned_at = [](const auto& layer, auto x, auto positions) { return layer.at(x, positions); };

constexpr auto masks = [](auto x, auto lengths) {
  return std::tuple{nn::causal_mask(x), nn::padding_mask<5>(lengths), nn::token_weights<5>(lengths)};
};

/// The largest error of a table, in units of a number's precision times what angle of t is known to.
template <class S>
double error_of_table() {
  BasicProgram<S, with_positions, Tensor<1, length, width>> program;
  STATIC_REQUIRE(program.kernel_calls() == 1);  // the table is made with the program
  const xt::xtensor<S, 3> x = xt::zeros<S>({1, 50, 16});
  const auto table = program(x);
  double largest = 0;
  for (std::size_t t = 0; t < 50; ++t) {
    for (std::size_t i = 0; i < 8; ++i) {
      const double angle = static_cast<double>(t) / std::pow(10000.0, 2 * static_cast<double>(i) / 16);
      const double sine = std::abs(static_cast<double>(table(0, t, 2 * i)) - std::sin(angle));
      const double cosine = std::abs(static_cast<double>(table(0, t, 2 * i + 1)) - std::cos(angle));
      largest = std::max(largest, std::max(sine, cosine) / (1 + static_cast<double>(t)));
    }
  }
  return largest / static_cast<double>(std::numeric_limits<S>::epsilon());
}

}  // namespace

TEST_CASE("sinusoidal positions are the paper's sines and cosines") {
  const double in_double = error_of_table<double>();
  const double in_float = error_of_table<float>();
  CHECK(in_double < 2);
  CHECK(in_float < 2);
  std::printf("figure: sinusoidal positions: %.2f, in float %.2f epsilon (1 + t) (bar 2)\n", in_double,
              in_float);
}

TEST_CASE("the position of a single token is its row of the table, learned or not") {
  using Learned = nn::PositionEmbedding<length, width>;
  const Parameters<Learned, double> parameters{Seed{1}};
  xt::xtensor<double, 3> all = xt::zeros<double>({1, 50, 16});
  xt::xtensor<double, 3> one = xt::zeros<double>({3, 1, 16});
  Random random(Seed{2});
  const xt::xtensor<std::int32_t, 1> positions = {49, 0, 17};
  for (std::size_t i = 0; i < 16; ++i) {
    const double number = random.normal();
    for (std::size_t t = 0; t < 50; ++t) all(0, t, i) = number;
    for (std::size_t b = 0; b < 3; ++b) one(b, 0, i) = number;
  }
  const auto check = [&](const auto& whole, const auto& single) {
    for (std::size_t b = 0; b < 3; ++b) {
      for (std::size_t i = 0; i < 16; ++i)
        CHECK(single(b, 0, i) == whole(0, static_cast<std::size_t>(positions(b)), i));
    }
  };
  DoubleProgram<with_positions, Tensor<1, length, width>> fixed;
  DoubleProgram<with_positions_at, Tensor<3, 1, width>, Index<3>> fixed_at;
  check(fixed(all), fixed_at(one, positions));
  DoubleProgram<learned, Learned, Tensor<1, length, width>> table;
  DoubleProgram<learned_at, Learned, Tensor<3, 1, width>, Index<3>> table_at;
  check(table(parameters, all), table_at(parameters, one, positions));

  const xt::xtensor<std::int32_t, 1> behind = {49, 50, 17};
  CHECK_THROWS_AS(fixed_at.run(one, behind), std::out_of_range);
  CHECK_THROWS_AS(table_at.run(parameters, one, behind), std::out_of_range);
}

TEST_CASE("a shorter sequence takes the first positions") {
  DoubleProgram<with_positions, Tensor<7, width>> shorter;
  DoubleProgram<with_positions, Tensor<length, width>> whole;
  const auto first = shorter(xt::xtensor<double, 2>(xt::ones<double>({7, 16})));
  const auto all = whole(xt::xtensor<double, 2>(xt::ones<double>({50, 16})));
  CHECK(std::equal(first.begin(), first.end(), all.begin()));
}

TEST_CASE("masks and weights of tokens say what is seen and what counts") {
  DoubleProgram<masks, Tensor<2, 5, 3>, Index<5>> program;
  const xt::xtensor<std::int32_t, 1> lengths = {0, 1, 3, 5, 9};
  const auto [causal, padding, weights] =
      program(xt::xtensor<double, 3>(xt::zeros<double>({2, 5, 3})), lengths);
  for (std::size_t row = 0; row < 5; ++row) {
    for (std::size_t t = 0; t < 5; ++t) {
      CHECK(causal(row, t) == (t <= row));
      const bool counts = static_cast<std::int32_t>(t) < lengths(row);
      CHECK(padding(row, 0, 0, t) == counts);
      CHECK(weights(row, t) == (counts ? 1 : 0));
    }
  }
}
