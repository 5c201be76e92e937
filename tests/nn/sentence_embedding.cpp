#include <ctgrad/check.hpp>
#include <nn/masked.hpp>

#include <support/catch.hpp>

namespace {

using namespace ctgrad;
using X = Tensor<3, 4, 5>;
using Lengths = Index<3>;

constexpr auto means = [](auto x, auto lengths) { return nn::mean_of_tokens(x, lengths); };
constexpr auto embeddings = [](auto x, auto lengths) { return nn::sentence_embedding(x, lengths); };
constexpr auto weighted = [](auto x, auto lengths, auto weights) {
  return sum(nn::sentence_embedding(x, lengths) * weights);
};

}  // namespace

TEST_CASE("a sentence embedding is the mean of the tokens that count, of length 1") {
  Random random(Seed{test::seed()});
  auto x = test::random_array<double, 3>({3, 4, 5}, random);
  const xt::xtensor<std::int32_t, 1> lengths = {3, 0, 9};
  for (std::size_t i = 0; i < 5; ++i) x(0, 3, i) = std::numeric_limits<double>::quiet_NaN();
  DoubleProgram<means, X, Lengths> mean_program;
  DoubleProgram<embeddings, X, Lengths> embedding_program;
  const auto found = mean_program(x, lengths);
  const auto unit = embedding_program(x, lengths);
  const std::size_t counted[] = {3, 0, 4};
  for (std::size_t b = 0; b < 3; ++b) {
    double squares = 0;
    std::array<double, 5> expected{};
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t t = 0; t < counted[b]; ++t)
        expected[i] += x(b, t, i) / static_cast<double>(counted[b]);
      squares += expected[i] * expected[i];
    }
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(std::abs(found(b, i) - expected[i]) < 1e-14);
      CHECK(std::abs(unit(b, i) - (counted[b] == 0 ? 0 : expected[i] / std::sqrt(squares))) < 1e-14);
    }
  }
}

TEST_CASE("gradients of sentence embeddings are right, and 0 by tokens that do not count") {
  Random random(Seed{test::seed()});
  const auto x = test::random_array<double, 3>({3, 4, 5}, random);
  const auto weights = test::random_array<double, 2>({3, 5}, random);
  const xt::xtensor<std::int32_t, 1> lengths = {3, 0, 4};
  const GradientCheck check =
      check_gradients<GradientOptions{.order = 2}, X, Lengths, Tensor<3, 5>>(weighted, x, lengths, weights);
  CHECK(check.checks > 0);
  DoubleProgram<grad(weighted), X, Lengths, Tensor<3, 5>> program;
  CHECK(test::ends_with_zeros(program(x, lengths, weights), lengths));
}
