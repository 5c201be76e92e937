#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>

/// Transforms of small functions, alone and nested, against their formulas; everything compiled.
namespace ctgrad::test {

namespace {

using Catch::Matchers::WithinRel;

/// f(x) = (x . x)^2 has the gradient 4 (x . x) x and the Hessian 4 (x . x) I + 8 x x^T.
constexpr auto quartic = [](auto x) { return square(sum(x * x)); };
const Numbers point{0.5, -1, 2};
const Numbers direction{1, 0.25, -0.5};
const Numbers quartic_gradient = 4 * inner_product(point, point) * point;
const Numbers quartic_hvp =
    4 * inner_product(point, point) * direction + 8 * inner_product(point, direction) * point;

constexpr auto forward_over_forward = [](auto x, auto v) {
  return jvp<0>([](auto y, auto w) { return jvp(quartic)(y, w).tangent; })(x, v, v).tangent;
};
constexpr auto reverse_over_forward = [](auto x, auto v) {
  return grad<0>([](auto y, auto w) { return jvp(quartic)(y, w).tangent; })(x, v);
};
constexpr auto reverse_over_reverse = [](auto x, auto v) {
  return grad<0>([](auto y, auto w) { return sum(grad(quartic)(y) * w); })(x, v);
};

constexpr auto two_results = [](auto x, auto y) { return std::tuple{x * y, sum(x)}; };
constexpr auto pulled_back = [](auto x, auto y, auto u, auto s) {
  return vjp(two_results)(x, y, std::tuple{u, s});
};

using Vector = Tensor<3>;

template <auto Function, class... Arguments>
std::vector<Numbers> in_double(const std::vector<Numbers>& inputs) {
  return compute<double, Function, Arguments...>(inputs);
}

bool close(const Numbers& a, const Numbers& b) { return error_between(a, b, 1e-14) <= 1e-14; }

}  // namespace

TEST_CASE("grad and value_and_grad give the gradient", "[autodiff]") {
  CHECK(close(in_double<grad(quartic), Vector>({point})[0], quartic_gradient));
  const auto both = in_double<value_and_grad(quartic), Vector>({point});
  CHECK_THAT(both[0](), WithinRel(std::pow(inner_product(point, point), 2), 1e-15));
  CHECK(close(both[1], quartic_gradient));
}

TEST_CASE("jvp gives the value and the derivative in a direction", "[autodiff]") {
  const auto found = in_double<jvp(quartic), Vector, Vector>({point, direction});
  CHECK_THAT(found[0](), WithinRel(std::pow(inner_product(point, point), 2), 1e-15));
  CHECK_THAT(found[1](), WithinRel(inner_product(quartic_gradient, direction), 1e-14));
}

TEST_CASE("all four ways to order 2 give the Hessian times a vector", "[autodiff]") {
  CHECK(close(in_double<jvp(grad(quartic)), Vector, Vector>({point, direction})[1], quartic_hvp));
  CHECK(close(in_double<reverse_over_forward, Vector, Vector>({point, direction})[0], quartic_hvp));
  CHECK(close(in_double<reverse_over_reverse, Vector, Vector>({point, direction})[0], quartic_hvp));
  CHECK_THAT((in_double<forward_over_forward, Vector, Vector>({point, direction})[0]()),
             WithinRel(inner_product(direction, quartic_hvp), 1e-14));
}

TEST_CASE("grad composes to any order", "[autodiff]") {
  static constexpr auto fourth_power = [](auto x) { return pow(x, 4); };
  CHECK_THAT((in_double<grad(fourth_power), Tensor<>>({Numbers(1.5)})[0]()), WithinRel(13.5, 1e-15));
  CHECK_THAT((in_double<grad(grad(fourth_power)), Tensor<>>({Numbers(1.5)})[0]()), WithinRel(27.0, 1e-15));
  CHECK_THAT((in_double<grad(grad(grad(fourth_power))), Tensor<>>({Numbers(1.5)})[0]()),
             WithinRel(36.0, 1e-15));
  CHECK_THAT((in_double<grad(grad(grad(grad(fourth_power)))), Tensor<>>({Numbers(1.5)})[0]()),
             WithinRel(24.0, 1e-15));
  CHECK((in_double<grad(grad(grad(grad(grad(fourth_power))))), Tensor<>>({Numbers(1.5)})[0]() == 0));
}

TEST_CASE("an inner derivative does not see the outer one's tangent", "[autodiff]") {
  // d/dx (x d/dy (x + y)) is 1; a transform that confuses the two perturbations gives 2.
  static constexpr auto nested = [](auto x, auto y) {
    return x * grad([x](auto inner) { return x + inner; })(y);
  };
  CHECK(in_double<grad(nested), Tensor<>, Tensor<>>({Numbers(3.0), Numbers(5.0)})[0]() == 1);
}

TEST_CASE("contributions of a shared value accumulate", "[autodiff]") {
  static constexpr auto shared = [](auto x) {
    const auto y = exp(x);
    return sum(y * y + y + x);
  };
  const Numbers found = in_double<grad(shared), Vector>({point})[0];
  for (std::size_t i = 0; i < 3; ++i) {
    const double y = std::exp(point(i));
    CHECK_THAT(found(i), WithinRel(2 * y * y + y + 1, 1e-14));
  }
}

TEST_CASE("the gradient of a broadcast is a sum over what was repeated", "[autodiff]") {
  static constexpr auto biased = [](auto x, auto bias) { return sum((x + bias) * x); };
  const Numbers x{{1, 2, 3}, {4, 5, 6}};
  CHECK((in_double<grad<1>(biased), Tensor<2, 3>, Vector>({x, point})[0] == Numbers{5, 7, 9}));
}

TEST_CASE("a gradient may be taken at an argument that is itself a broadcast", "[autodiff]") {
  static constexpr auto at_broadcast = [](auto x) {
    return grad([](auto column) { return sum(exp(broadcast<2, 3>(column))); })(broadcast<2, 1>(x));
  };
  const Numbers found = in_double<at_broadcast, Tensor<1, 1>>({Numbers({1, 1}, 2.0)})[0];
  CHECK(close(found, Numbers({2, 1}, 3 * std::exp(2.0))));
}

TEST_CASE("the gradient with respect to an argument without influence is zeros", "[autodiff]") {
  static constexpr auto first_only = [](auto x, auto) { return sum(x); };
  const auto found = in_double<grad<0, 1>(first_only), Vector, Tensor<2>>({point, {7, 8}});
  CHECK((found[0] == Numbers{1, 1, 1}));
  CHECK((found[1] == Numbers{0, 0}));
}

TEST_CASE("a constant function has tangent and gradient 0", "[autodiff]") {
  static constexpr auto constant_of = [](auto x) { return sum(beside(x, constant<4>(2))); };
  CHECK((in_double<grad(constant_of), Vector>({point})[0] == Numbers{0, 0, 0}));
  const auto found = in_double<jvp(constant_of), Vector, Vector>({point, direction});
  CHECK(found[0]() == 8);
  CHECK(found[1]() == 0);
}

TEST_CASE("the identity passes tangents and cotangents on", "[autodiff]") {
  static constexpr auto identity = [](auto x) { return x; };
  const auto forward = in_double<jvp(identity), Vector, Vector>({point, direction});
  CHECK((forward[0] == point));
  CHECK((forward[1] == direction));
  const auto reverse = in_double<vjp(identity), Vector, Vector>({point, direction});
  CHECK((reverse[0] == point));
  CHECK((reverse[1] == direction));
}

TEST_CASE("vjp takes a cotangent for every result and gives one for every argument", "[autodiff]") {
  const auto found =
      in_double<pulled_back, Vector, Vector, Vector, Tensor<>>({point, direction, {1, 2, 3}, Numbers(10.0)});
  REQUIRE(found.size() == 4);
  CHECK((found[0] == point * direction));
  CHECK(found[1]() == 1.5);
  CHECK((found[2] == Numbers{1, 2, 3} * direction + 10.0));
  CHECK((found[3] == Numbers{1, 2, 3} * point));
}

TEST_CASE("integers take part in functions but have no tangents", "[autodiff]") {
  static constexpr auto loss = [](auto logits, auto targets) { return cross_entropy(logits, targets); };
  const Numbers logits{{0, 0}, {1, 1}};
  const Numbers tangent{{1, 0}, {0, 4}};
  const auto pushed = in_double<jvp(loss), Tensor<2, 2>, Index<2>, Tensor<2, 2>>({logits, {0, 1}, tangent});
  CHECK_THAT(pushed[0](), WithinRel(std::log(2.0), 1e-15));
  CHECK_THAT(pushed[1](), WithinRel((-0.5 * 1 - 0.5 * 4) / 2, 1e-15));
  const auto pulled = in_double<grad(loss), Tensor<2, 2>, Index<2>>({logits, {0, 1}});
  CHECK(close(pulled[0], Numbers{{-0.25, 0.25}, {0.25, -0.25}}));
}

TEST_CASE("chosen arguments alone are differentiated", "[autodiff]") {
  static constexpr auto product = [](auto x, auto y) { return sum(x * y); };
  const auto pushed = in_double<jvp<1>(product), Vector, Vector, Vector>({point, direction, {1, 1, 1}});
  CHECK(pushed[1]() == 1.5);
  CHECK((in_double<grad<1>(product), Vector, Vector>({point, direction})[0] == point));
}

TEST_CASE("equal runs give equal bits", "[autodiff]") {
  runtime::Machine<double, runtime::Trace<value_and_grad(quartic), Vector>> machine;
  const auto first = run(machine, {point});
  const auto second = run(machine, {point});
  CHECK((first == second));
}

}  // namespace ctgrad::test
