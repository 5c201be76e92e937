#include <support/catch.hpp>
#include <support/interpreter.hpp>
#include <support/operations.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/constant_array.hpp>
#include <ctgrad/runtime/program.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Constants of constexpr arrays.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::array<std::array<float, 3>, 2> weights{{{1.5f, -2, 0.25f}, {-0.0f, 3, 1e-3f}}};
constexpr std::array<double, 3> unbounded{-infinity, 0, infinity};
constexpr std::array<std::int64_t, 4> order{3, 0, 2, 1};
constexpr std::array<bool, 3> kept{true, false, true};

using X = Tensor<2, 3>;
const xt::xtensor<float, 2> x = {{1, 2, 3}, {4, 5, 6}};

float weight(std::size_t i, std::size_t j) { return weights[i][j]; }

constexpr auto alone = [](auto) {
  return std::tuple{constant<weights>(), constant<order>(), constant<kept>(), constant<unbounded>()};
};
constexpr auto weighted = [](auto y) { return y * constant<weights>(); };
constexpr auto score = [](auto y) { return sum(select(constant<kept>(), weighted(y), 0)); };
constexpr auto constants_alone = [](auto y) { return sum(exp(beside(y, constant<weights>()))); };

}  // namespace

TEST_CASE("a constexpr array is a tensor of its numbers, row by row, of the kind of its elements",
          "[constants]") {
  STATIC_REQUIRE(std::is_same_v<decltype(constant<weights>()), X>);
  STATIC_REQUIRE(std::is_same_v<decltype(constant<order>()), Index<4>>);
  STATIC_REQUIRE(std::is_same_v<decltype(constant<kept>()), Mask<3>>);
  Program<alone, X> program;
  const auto [matrix, ids, mask, limits] = program(x);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) CHECK(matrix(i, j) == weight(i, j));
  }
  CHECK(std::signbit(matrix(1, 0)));
  for (std::size_t i = 0; i < 4; ++i) CHECK(ids(i) == order[i]);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK((mask(i) != 0) == kept[i]);
    CHECK(static_cast<double>(limits(i)) == unbounded[i]);
  }
}

TEST_CASE("the derivative by what a constant multiplies is the constant; it has none of its own",
          "[constants]") {
  Program<grad(score), X> program;
  const auto slopes = program(x);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) CHECK(slopes(i, j) == (kept[j] ? weight(i, j) : 0));
  }
  Program<grad(constants_alone), X> without;
  for (const float slope : without(x)) CHECK(slope == 0);
}

TEST_CASE("every sample of a vmap meets the same constants", "[constants]") {
  Program<vmap(weighted), Tensor<4, 2, 3>> program;
  auto samples = xt::xtensor<float, 3>::from_shape({4, 2, 3});
  for (std::size_t i = 0; i < samples.size(); ++i) samples.data()[i] = static_cast<float>(i) - 7;
  const auto results = program(samples);
  for (std::size_t s = 0; s < 4; ++s) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t j = 0; j < 3; ++j) CHECK(results(s, i, j) == samples(s, i, j) * weight(i, j));
    }
  }
}

TEST_CASE("a constant joins the graph of whatever it meets, on either side", "[constants]") {
  Graph graph;
  const X traced{add_input(graph, X::type)};
  const auto joined = [&](const auto& result) { graph.outputs.push_back(result.in(graph).id); };
  joined(constant<unbounded>() < traced);
  joined(select(traced < 4, traced, constant<weights>()));
  joined(concatenate<0>(constant<weights>(), traced));
  const auto found = interpret(graph, {Numbers{{1, 2, 3}, {4, 5, 6}}});
  CHECK((found[0] == Numbers{{1, 1, 0}, {1, 1, 0}}));
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const auto number = static_cast<double>(weight(i, j));
      CHECK(found[1](i, j) == (i == 0 ? static_cast<double>(j + 1) : number));
      CHECK(found[2](i, j) == number);
    }
  }
  CHECK(std::ranges::count(graph.nodes(), &operation<ops::ConstantArray>, &Node::operation) == 2);
}

}  // namespace ctgrad::test
