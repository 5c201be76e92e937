#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/interpreter.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Every rule of the algebra: what it leaves of a small function, and that it is the same function.
namespace ctgrad::test {

namespace {

using X = Tensor<2, 3>;

/// How many nodes besides the input a function of x takes, by these passes.
template <auto F>
std::int32_t nodes() {
  return passes::optimize(runtime::Trace<F, X>::traced()).size() - 1;
}

/// The same of the function as it is written.
template <auto F>
constexpr auto plain = optimize<no_passes>(F);

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// But for rounding; a number that is not finite equals itself alone.
bool equal(double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return a == b || (std::isnan(a) && std::isnan(b));
  return std::abs(a - b) <= 1e-15 * std::max(1.0, std::abs(b));
}

template <auto F>
void check(std::int32_t expected) {
  CHECK(nodes<F>() == expected);
  CHECK(nodes<F>() < nodes<plain<F>>());
  for (const Numbers& x : {Numbers{{0.5, -1, 2}, {3, -0.25, 0.125}},
                           Numbers{{0, infinity, -infinity}, {-1e300, 1e300, not_a_number}}}) {
    const std::vector<Numbers> a = interpret(runtime::Trace<F, X>::make(), {x});
    const std::vector<Numbers> b = interpret(runtime::Trace<plain<F>, X>::make(), {x});
    for (std::size_t i = 0; i < a[0].size(); ++i) {
      INFO("at " << x.data()[i]);
      CHECK(equal(a[0].data()[i], b[0].data()[i]));
    }
  }
}

}  // namespace

TEST_CASE("sums lose zeros and double signs") {
  check<[](auto x) { return exp(x) + 0; }>(1);
  check<[](auto x) { return exp(x) - 0; }>(1);
  check<[](auto x) { return 0 - exp(x); }>(2);
  check<[](auto x) { return x + -exp(x); }>(2);
  check<[](auto x) { return x - -exp(x); }>(2);
  check<[](auto x) { return -(-exp(x)); }>(1);
}

TEST_CASE("products lose ones, and scales join") {
  check<[](auto x) { return exp(x) * 1; }>(1);
  check<[](auto x) { return exp(x) / 1; }>(1);
  check<[](auto x) { return exp(x) * -1; }>(2);
  check<[](auto x) { return 2 * (x * 3) * 0.5; }>(2);
}

TEST_CASE("scales whose product is too small or too large for a number stay apart") {
  constexpr auto shrunk = [](auto x) { return x * 1e-200 * 1e-200; };
  constexpr auto grown = [](auto x) { return x * 1e200 * 1e200; };
  constexpr auto none = [](auto x) { return x * std::numeric_limits<double>::infinity() * 0; };
  const Numbers large(std::vector<std::size_t>{2, 3}, 1e300);
  const Numbers small(std::vector<std::size_t>{2, 3}, 1e-300);
  CHECK_THAT(interpret(runtime::Trace<shrunk, X>::make(), {large})[0](0, 0),
             Catch::Matchers::WithinRel(1e-100, 1e-14));
  CHECK_THAT(interpret(runtime::Trace<grown, X>::make(), {small})[0](0, 0),
             Catch::Matchers::WithinRel(1e100, 1e-14));
  CHECK(std::isnan(interpret(runtime::Trace<none, X>::make(), {small})[0](0, 0)));
}

TEST_CASE("mul_no_nan with a constant is a product, or 0") {
  check<[](auto x) { return exp(mul_no_nan(beside(x, constant<>(2)), x * 3)); }>(3);
  check<[](auto x) { return exp(mul_no_nan(x, beside(x, constant<>(1)))); }>(1);
  check<[](auto x) { return exp(x) + mul_no_nan(tanh(x), beside(x, constant<>(0))); }>(1);
  check<[](auto x) { return grad([](auto y) { return sum(log(y)); })(x); }>(2);
}

TEST_CASE("mul_no_nan stays where its factor is no finite constant") {
  constexpr auto f = [](auto x) {
    return mul_no_nan(beside(x, constant<>(std::numeric_limits<double>::infinity())), x);
  };
  CHECK(count<ops::MulNoNan>(runtime::Trace<f, X>::make()) == 1);
}

TEST_CASE("layouts of layouts are one or none") {
  check<[](auto x) { return exp(transpose(transpose(x))); }>(1);
  check<[](auto x) { return slice<0, 0, 1>(slice<1, 1, 3>(exp(x))) * 2; }>(4);
  check<[](auto x) { return slice<0, 2, 4>(concatenate<0>(exp(x), tanh(x))) * 2; }>(3);
  check<[](auto x) { return slice<0, 0, 2>(concatenate<0>(exp(x), tanh(x))) * 2; }>(3);
}

TEST_CASE("choices and functions undo each other") {
  check<[](auto x) { return select(!(x > 0), tanh(x), exp(x)); }>(5);
  check<[](auto x) { return select(x > 0, tanh(x), tanh(x)); }>(1);
  check<[](auto x) { return tanh(log(exp(x))); }>(1);
  check<[](auto x) { return exp(log(square(x))); }>(1);
}

TEST_CASE("exp(log(x)) stays where x may be negative") {
  const Graph kept = runtime::Trace<[](auto x) { return exp(log(x)); }, X>::make();
  CHECK(count<ops::Log>(kept) == 1);
}

TEST_CASE("operations on constants are constants") {
  check<[](auto x) { return x * (beside(x, constant<2, 3>(2)) + 3) / (beside(x, constant<>(4)) * 2); }>(4);
  check<[](auto x) { return x + sum(square(beside(x, ones<2, 3>()))); }>(2);
}

TEST_CASE("a sum over constants that are no finite numbers is left to the program") {
  const Graph kept = runtime::Trace<[](auto x) { return x + 1 / (beside(x, constant<2, 3>(0))); }, X>::make();
  CHECK(count<ops::Div>(kept) == 1);
}

}  // namespace ctgrad::test
