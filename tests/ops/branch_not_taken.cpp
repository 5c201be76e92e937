#include <support/catch.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>
#include <support/function.hpp>

#include <ctgrad/autodiff/jacobian.hpp>

#include <cstdio>
#include <functional>
#include <limits>

/// select(mask, f(x), 0) where f or its slope is infinite or NaN on the branch not taken: no derivative of
/// any order or mode knows of it (jax#1052, jax#2630).
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Branch {
  const char* name;
  Value (*f)(Value);
  double dead;   ///< where the branch is not taken
  double alive;  ///< where it is
};

/// A logarithm as a user would write it, whose tangent is a quotient.
struct OwnLog : ops::Log {
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] / t.operands[0]; }
};
Value own_log(Value x) { return emit<OwnLog>(x); }

const Branch branches[] = {
    {"log(x) at 0", [](Value x) { return log(x); }, 0, 0.75},
    {"log(x) at -1", [](Value x) { return log(x); }, -1, 0.75},
    {"sqrt(x) at 0", [](Value x) { return sqrt(x); }, 0, 0.75},
    {"sqrt(x) at -1", [](Value x) { return sqrt(x); }, -1, 0.75},
    {"rsqrt(x) at 0", [](Value x) { return rsqrt(x); }, 0, 0.75},
    {"rsqrt(x) at -1", [](Value x) { return rsqrt(x); }, -1, 0.75},
    {"x^0.5 at 0", [](Value x) { return pow(x, 0.5); }, 0, 0.75},
    {"x^1.5 at 0", [](Value x) { return pow(x, 1.5); }, 0, 0.75},
    {"x^-2 at 0", [](Value x) { return pow(x, -2); }, 0, 0.75},
    {"x^0.5 at -1", [](Value x) { return pow(x, 0.5); }, -1, 0.75},
    {"1 / x at 0", [](Value x) { return 1 / x; }, 0, 0.75},
    {"x / x^2 at 0", [](Value x) { return x / square(x); }, 0, 0.75},
    {"(x - 1) / x at 0", [](Value x) { return (x - 1) / x; }, 0, 0.75},
    {"exp(x) at 1000", [](Value x) { return exp(x); }, 1000, 0.75},
    {"exp(x) at inf", [](Value x) { return exp(x); }, infinity, 0.75},
    {"expm1(x) at 1000", [](Value x) { return expm1(x); }, 1000, 0.75},
    {"log1p(x) at -1", [](Value x) { return log1p(x); }, -1, 0.75},
    {"log1p(x) at -2", [](Value x) { return log1p(x); }, -2, 0.75},
    {"log1mexp(x) at 0", [](Value x) { return log1mexp(x); }, 0, 0.75},
    {"log1mexp(x) at -1000", [](Value x) { return log1mexp(x); }, -1000, 0.75},
    {"log1mexp(x) at inf", [](Value x) { return log1mexp(x); }, infinity, 0.75},
    {"sin(x) at inf", [](Value x) { return sin(x); }, infinity, 0.75},
    {"cos(x) at inf", [](Value x) { return cos(x); }, infinity, 0.75},
    {"asin(x) at 1", [](Value x) { return asin(x); }, 1, 0.5},
    {"asin(x) at 2", [](Value x) { return asin(x); }, 2, 0.5},
    {"acos(x) at -1", [](Value x) { return acos(x); }, -1, 0.5},
    {"atan(1 / x) at 0", [](Value x) { return atan(1 / x); }, 0, 0.75},
    {"atan2(x, x^2) at 0", [](Value x) { return atan2(x, square(x)); }, 0, 0.75},
    {"cosh(x) at 1000", [](Value x) { return cosh(x); }, 1000, 0.75},
    {"pow(x, x) at 0", [](Value x) { return pow(x, x); }, 0, 0.75},
    {"pow(x, x) at -1", [](Value x) { return pow(x, x); }, -1, 0.75},
    {"pow(x, x - 2) at 0", [](Value x) { return pow(x, x - 2); }, 0, 0.75},
    {"mul_no_nan(log(x), x) at 0", [](Value x) { return mul_no_nan(log(x), x); }, 0, 0.75},
    {"log(sqrt(x)) at 0", [](Value x) { return log(sqrt(x)); }, 0, 0.75},
    {"exp(1 / x) at 0", [](Value x) { return exp(1 / x); }, 0, 0.75},
    {"sqrt(log(x)) at 0", [](Value x) { return sqrt(log(x)); }, 0, 1.5},
    {"log(1 / expm1(x)) at 0", [](Value x) { return log(1 / expm1(x)); }, 0, 0.75},
    {"x log(x) at 0", [](Value x) { return x * log(x); }, 0, 0.75},
    {"x log(x) at -1", [](Value x) { return x * log(x); }, -1, 0.75},
    {"x^x at 0", [](Value x) { return exp(x * log(x)); }, 0, 0.75},
    {"tanh(log(x)) at -1", [](Value x) { return tanh(log(x)); }, -1, 0.75},
    {"sigmoid(1 / x) at 0", [](Value x) { return sigmoid(1 / x); }, 0, 0.75},
    {"gelu(x / x) at 0", [](Value x) { return gelu(x / x); }, 0, 0.75},
    {"softplus(x) / x^2 at 0", [](Value x) { return softplus(x) / square(x); }, 0, 0.75},
    {"a user's own log(x) sqrt(x) at 0", [](Value x) { return own_log(x) * sqrt(x); }, 0, 0.75},
};

/// x, mask -> select(mask, f(x), 0), or f(x) alone.
Function function_of(const Branch& branch, bool selects) {
  Graph graph;
  const Value x = add_input(graph, {Kind::real, shape_of(2)});
  const Value mask = add_input(graph, {Kind::mask, shape_of(2)});
  const Value y = branch.f(x);
  add_output(graph, selects ? ops::select(mask, y, {}) : y);
  return {graph, {0}};
}

using Derive = Function (*)(const Function&);
const Derive modes[] = {[](const Function& f) { return forward(f); },
                        [](const Function& f) { return reverse(f); }};
constexpr unsigned orders = 3;

/// The derivative of an order whose modes are the bits of `chosen`: 0 forward, 1 reverse.
Function derivative(Function f, unsigned order, unsigned chosen) {
  for (unsigned i = 0; i < order; ++i) f = modes[chosen >> i & 1U](f);
  return f;
}

/// x and the mask, then a direction or cotangent for every further input.
Point point(const Function& f, const Numbers& x) {
  Random random(Seed{seed()});
  Point at{x, {0, 1}};
  while (at.size() < f.graph.inputs.size()) at.push_back(draw_direction(random, shape_of(2)));
  return at;
}

constexpr auto guarded = [](auto x) {
  const auto taken = x > 0;
  const auto sum_of = [&](auto y) { return sum(select(taken, y, 0)); };
  return sum_of(log(x)) + sum_of(sqrt(x)) + sum_of(rsqrt(x)) + sum_of(pow(x, 0.5)) + sum_of(1 / x) +
         sum_of(log1p(x - 1)) + sum_of(log1mexp(x)) + sum_of(exp(1000 * (1 - x)));
};
constexpr auto slope_along = [](auto x, auto v) { return jvp(guarded)(x, v).tangent; };
constexpr double slope = 1 + 0.5 - 0.5 + 0.5 - 1 + 1 + 0.58197670686932642 - 1000;
constexpr double curvature = -1 - 0.25 + 0.75 - 0.25 + 2 - 1 - 0.92067359420779232 + 1e6;

template <class Scalar>
void check_programs(double bar) {
  using X = Tensor<2>;
  const Numbers x{0, 1};
  const Numbers v{1, 1};
  const Numbers gradient = compute<Scalar, grad(guarded), X>({x})[0];
  CHECK(gradient(0) == 0);
  CHECK_THAT(gradient(1), Catch::Matchers::WithinRel(slope, bar));
  const auto along = compute<Scalar, jvp(guarded), X, X>({x, v});
  CHECK_THAT(along[1](), Catch::Matchers::WithinRel(slope, bar));
  for (const Numbers& second :
       {compute<Scalar, hvp(guarded), X, X>({x, v})[0], compute<Scalar, grad(slope_along), X, X>({x, v})[0],
        compute<Scalar, vjp<0>(grad(guarded)), X, X>({x, v})[1]}) {
    CHECK(second(0) == 0);
    CHECK_THAT(second(1), Catch::Matchers::WithinRel(curvature, bar));
  }
}

}  // namespace

TEST_CASE("no derivative up to order 3, in any mode, sees the branch that select did not take", "[ops]") {
  int checks = 0;
  for (const Branch& branch : branches) {
    for (unsigned order = 1; order <= orders; ++order) {
      for (unsigned chosen = 0; chosen < 1U << order; ++chosen) {
        INFO(branch.name << ", order " << order << ", modes " << chosen);
        const Function selected = derivative(function_of(branch, true), order, chosen);
        const Function plain = derivative(function_of(branch, false), order, chosen);
        const auto found = evaluate(selected, point(selected, {branch.dead, branch.alive}));
        const auto expected = evaluate(plain, point(plain, {branch.alive, branch.alive}));
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < found.size(); ++i, ++checks) {
          CHECK(found[i](0) == 0);
          CHECK_THAT(found[i](1), Catch::Matchers::WithinRel(expected[i](1), 1e-12));
        }
      }
    }
  }
  std::printf("figure: branches not taken: %zu functions to order %u in all modes, %d checks\n",
              std::size(branches), orders, checks);
}

TEST_CASE("with a mask that multiplies instead of choosing, the check would find NaN", "[ops]") {
  Graph graph;
  const Value x = add_input(graph, {Kind::real, shape_of(2)});
  const Value mask = add_input(graph, {Kind::mask, shape_of(2)});
  add_output(graph, as_real(mask) * log(x));
  const auto found = evaluate(reverse({graph, {0}}), {{0, 1}, {0, 1}, {1, 1}});
  CHECK(std::isnan(found[0](0)));
  CHECK(found[0](1) == 1);
}

TEST_CASE("programs have no NaN from a branch not taken, in value, gradient, tangent or order 2", "[ops]") {
  check_programs<double>(1e-13);
  check_programs<float>(1e-6);
}

}  // namespace ctgrad::test
