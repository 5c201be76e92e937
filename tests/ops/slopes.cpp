#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/operations.hpp>

#include <ctgrad/passes/eliminate.hpp>

/// Slopes at kinks, ties and far out, by the rules alone: in the interpreter.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The derivatives of an operation of operands that are vectors, by its transpose with a cotangent of ones.
template <class Op>
std::vector<Numbers> slopes(const std::vector<Numbers>& operands, const Attributes& attributes = {}) {
  Sample sample{{}, attributes};
  for (const Numbers& operand : operands) {
    Shape shape;
    for (const std::size_t extent : operand.shape()) shape.push_back(static_cast<Size>(extent));
    sample.operands.push_back({{Kind::real, shape}});
  }
  Graph graph;
  add_transpose(graph, operation<Op>, sample);
  std::vector<Numbers> inputs = operands;
  inputs.emplace_back(extents(result_type(operation<Op>, sample).shape), 1.0);
  return interpret(passes::eliminate_dead(graph), inputs);
}

template <class Op>
double slope(double x) {
  return slopes<Op>({Numbers{x}})[0](0);
}

}  // namespace

TEST_CASE("relu and abs have slope 0 at 0", "[ops]") {
  CHECK(slope<ops::Relu>(0) == 0);
  CHECK(slope<ops::Abs>(0) == 0);
  CHECK(slope<ops::Abs>(-0.0) == 0);
  CHECK(slope<ops::Relu>(-1e-300) == 0);
  CHECK(slope<ops::Relu>(1e-300) == 1);
  CHECK(slope<ops::Abs>(-1e-300) == -1);
  CHECK(slope<ops::Abs>(1e-300) == 1);
}

TEST_CASE("maximum and minimum split a tie in halves", "[ops]") {
  const Numbers left{1, 2, 3};
  const Numbers right{2, 2, 2};
  CHECK((slopes<ops::Maximum>({left, right}) == std::vector<Numbers>{{0, 0.5, 1}, {1, 0.5, 0}}));
  CHECK((slopes<ops::Minimum>({left, right}) == std::vector<Numbers>{{1, 0.5, 0}, {0, 0.5, 1}}));
}

TEST_CASE("equal maxima of a row share its gradient", "[ops]") {
  const Numbers rows{{1, 3, 3, 3}, {5, 4, 4, 4}, {-infinity, -infinity, -infinity, -infinity}};
  const Numbers expected{{0, 1.0 / 3, 1.0 / 3, 1.0 / 3}, {1, 0, 0, 0}, {0.25, 0.25, 0.25, 0.25}};
  CHECK((slopes<ops::Max>({rows}, {.integers = {0, 1}})[0] == expected));
}

TEST_CASE("slopes far out are the limits, never NaN", "[ops]") {
  for (const double far : {400.0, 1e30, infinity}) {
    INFO("at " << far);
    CHECK(slope<ops::Sigmoid>(far) == 0);
    CHECK(slope<ops::Tanh>(far) == 0);
    CHECK(slope<ops::Tanh>(-far) == 0);
    CHECK(slope<ops::Erf>(far) == 0);
    CHECK(slope<ops::Erf>(-far) == 0);
    CHECK(slope<ops::Erfc>(far) == 0);
    CHECK(slope<ops::Gelu>(far) == 1);
    CHECK(slope<ops::Gelu>(-far) == 0);
    CHECK(slope<ops::GeluTanh>(far) == 1);
    CHECK(slope<ops::GeluTanh>(-far) == 0);
    CHECK(slope<ops::Silu>(far) == 1);
    CHECK_THAT(slope<ops::Silu>(-far), Catch::Matchers::WithinAbs(0, 1e-170));
    CHECK_THAT(slope<ops::Sigmoid>(-far), Catch::Matchers::WithinAbs(0, 1e-170));
    CHECK(slope<ops::Exp>(-infinity) == 0);
    CHECK(slope<ops::Relu>(far) == 1);
    CHECK(slope<ops::Log>(infinity) == 0);
    CHECK(slope<ops::Softplus>(far) == 1);
    CHECK_THAT(slope<ops::Softplus>(-far), Catch::Matchers::WithinAbs(0, 1e-170));
    CHECK_THAT(slope<ops::Log1mexp>(far), Catch::Matchers::WithinAbs(0, 1e-170));
    CHECK(slope<ops::Expm1>(-infinity) == 0);
    CHECK(slope<ops::Log1p>(infinity) == 0);
  }
}

TEST_CASE("slopes at the edge of a domain are infinite, and are not where nothing asks for them", "[ops]") {
  CHECK(slope<ops::Log>(0) == infinity);
  CHECK(slope<ops::Sqrt>(0) == infinity);
  CHECK(slope<ops::Rsqrt>(0) == -infinity);
  CHECK(slope<ops::Log1p>(-1) == infinity);
  CHECK(slope<ops::Log1mexp>(0) == infinity);
  CHECK((slopes<ops::Div>({Numbers{1.0}, Numbers{0.0}}) == std::vector<Numbers>{{infinity}, {-infinity}}));
  CHECK((slopes<ops::MulNoNan>({Numbers{infinity}, Numbers{0.0}}) == std::vector<Numbers>{{0}, {infinity}}));
}

TEST_CASE("a constant power 0 has no slope, a power 1 has slope 1, also at 0", "[ops]") {
  const Numbers points{-1, 0, 2};
  CHECK((slopes<ops::Pow>({points}, {.value = 0})[0] == Numbers{0, 0, 0}));
  CHECK((slopes<ops::Pow>({points}, {.value = 1})[0] == Numbers{1, 1, 1}));
  CHECK((slopes<ops::Pow>({points}, {.value = 2})[0] == Numbers{-2, 0, 4}));
}

}  // namespace ctgrad::test
