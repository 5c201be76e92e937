#include <ctgrad/autodiff/custom.hpp>
#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/residuals.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>

/// Functions with derivatives of the user's own, in every mode, nested, and under vmap.
namespace ctgrad::test {

namespace {

/// log(1 + e^x), whose derivative by the plain rules is 0 inf at 800: NaN.
constexpr auto softplus = custom_tangent([](auto x) { return log(1 + exp(x)); },
                                         [](auto, auto x, auto dx) { return sigmoid(x) * dx; });
/// A rule that uses the result: it is differentiated by the rule again.
constexpr auto custom_exp =
    custom_tangent([](auto x) { return exp(x); }, [](auto y, auto, auto dx) { return y * dx; });
/// Its slope is infinite at 0.
constexpr auto custom_root =
    custom_tangent([](auto x) { return sqrt(x); }, [](auto y, auto, auto dx) { return dx / (2 * y); });
/// Two arguments, two results.
constexpr auto product_and_sum = custom_tangent(
    [](auto x, auto y) {
      return std::tuple{x * y, sum(x)};
    },
    [](auto, auto x, auto y, auto dx, auto dy) {
      return std::tuple{x * dy + y * dx, sum(dx)};
    });
constexpr auto backward_product = custom_backward(
    [](auto x, auto y) {
      return std::tuple{x * y, sum(x)};
    },
    [](auto, auto x, auto y, auto u) {
      const auto& [u_product, u_sum] = u;
      return std::tuple{y * u_product + u_sum, x * u_product};
    });
/// Straight through: rounds to 0 or 1, yet has the derivative of the identity.
constexpr auto step_straight_through =
    custom_tangent([](auto x) { return as_real(x > 0); }, [](auto, auto, auto dx) { return dx; });
/// A cotangent's sign alone: no linear rule.
constexpr auto sign_of_gradient = custom_backward(
    [](auto x) { return 2 * x; }, [](auto, auto, auto u) { return select(u > 0, 1 + 0 * u, 0 * u - 1); });

constexpr auto through = [](auto x, auto y) {
  const auto [product, total] = product_and_sum(x, y);
  return sum(tanh(product) * total);
};
constexpr auto through_backward = [](auto x, auto y) {
  const auto [product, total] = backward_product(x, y);
  return sum(tanh(product) * total);
};
constexpr auto plain = [](auto x, auto y) { return sum(tanh(x * y) * sum(x)); };

template <auto F>
constexpr auto of_one = [](auto z) { return F(z, z); };

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Embedding<5, 4>, tokens), (nn::Linear<4, 5>, head));
};
constexpr auto plain_loss = [](const Model& model, auto ids, auto targets, auto mask) {
  return cross_entropy(select(mask, model.head(model.tokens(ids)), constant<3, 5>(-2)), targets);
};
constexpr auto loss = custom_tangent(
    plain_loss, [](auto, const Model& model, auto ids, auto targets, auto mask, const Model& d) {
      return jvp<0>(plain_loss)(model, ids, targets, mask, d).tangent;
    });
constexpr auto backward =
    custom_backward(plain_loss, [](auto, const Model& model, auto ids, auto targets, auto mask, auto u) {
      return vjp<0>(plain_loss)(model, ids, targets, mask, u).cotangents;
    });
/// With a mask made of real numbers.
template <auto F>
constexpr auto masked = [](const Model& model, Index<3> ids, Index<3> targets, Tensor<3, 5> z) {
  return F(model, ids, targets, z > 0);
};

using Vector = Tensor<4>;
const Numbers x{0.3, -0.7, 1.1, 0.4};
const Numbers y{-0.2, 0.9, 0.5, 1.3};

template <auto F, class... Arguments>
std::vector<Numbers> in_double(const std::vector<Numbers>& inputs) {
  return compute<double, F, Arguments...>(inputs);
}
bool close(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (error_between(a[i], b[i], 1e-14) > 1e-13) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("a custom tangent takes the place of f's own, where that would be 0 inf") {
  const Numbers far{800, -800, 0, 1};
  constexpr auto total = [](auto z) { return sum(softplus(z)); };
  const Numbers slopes = in_double<grad(total), Vector>({far})[0];
  CHECK(slopes(0) == 1);
  CHECK(slopes(1) == 0);
  CHECK(slopes(2) == 0.5);
  constexpr auto unruled = [](auto z) { return sum(log(1 + exp(z))); };
  CHECK(std::isnan(in_double<grad(unruled), Vector>({far})[0](0)));
}

TEST_CASE("elements that a mask left out stay zero behind a custom tangent's infinite slope, in both modes") {
  const Numbers at{-1, 4, 0, 1};
  constexpr auto roots = [](auto z) { return sum(custom_root(select(z > 0, z, 0))); };
  CHECK(close(in_double<jvp(roots), Vector, Vector>({at, {1, 1, 1, 1}}), {Numbers(3.0), Numbers(0.75)}));
  const Numbers curvature = in_double<hessian(roots), Vector>({at})[0];
  CHECK((curvature == Numbers{{0, 0, 0, 0}, {0, -1.0 / 32, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, -0.25}}));
}

TEST_CASE("custom rules are right to order 2 in every mode") {
  constexpr GradientOptions second{.order = 2};
  const xt::xtensor<double, 1> left(x);
  const xt::xtensor<double, 1> right(y);
  CHECK(check_gradients<second, Vector>(softplus, left).second_error < 1e-6);
  CHECK(check_gradients<second, Vector>(custom_exp, left).second_error < 1e-6);
  CHECK(check_gradients<second, Vector, Vector>(through, left, right).second_error < 1e-6);
  CHECK(check_gradients<second, Vector, Vector>(through_backward, left, right).second_error < 1e-6);
}

TEST_CASE("custom rules of several arguments and results give what the plain rules give") {
  const auto expected = in_double<grad<0, 1>(plain), Vector, Vector>({x, y});
  CHECK(close(in_double<grad<0, 1>(through), Vector, Vector>({x, y}), expected));
  CHECK(close(in_double<grad<0, 1>(through_backward), Vector, Vector>({x, y}), expected));
  const auto curvature = in_double<hessian(of_one<plain>), Vector>({x});
  CHECK(close(in_double<hessian(of_one<through>), Vector>({x}), curvature));
  CHECK(close(in_double<hessian(of_one<through_backward>), Vector>({x}), curvature));
}

TEST_CASE("a linear backward rule serves forward mode, linearize and forward Jacobians") {
  const std::vector<Numbers> inputs{x, y, Numbers{1, 2, -1, 0.5}, Numbers{0.5, 0, 3, -2}};
  CHECK(close(in_double<jvp(through_backward), Vector, Vector, Vector, Vector>(inputs),
              in_double<jvp(plain), Vector, Vector, Vector, Vector>(inputs)));
  constexpr auto product = [](auto a, auto b) { return std::get<0>(backward_product(a, b)); };
  CHECK(close(in_double<jacobian<Mode::forward>(product), Vector, Vector>({x, y}),
              in_double<jacobian<Mode::reverse>(product), Vector, Vector>({x, y})));
}

TEST_CASE("custom rules are batched: per-sample gradients and nested vmap") {
  constexpr auto each = [](auto f) { return vmap(grad<0, 1>(f)); };
  using Many = Tensor<3, 4>;
  const Numbers many_x{{0.3, -0.7, 1.1, 0.4}, {1, 2, 3, 4}, {-0.1, 0, 0.1, 0.2}};
  const Numbers many_y{{1, 0.5, 0.2, 0.1}, {-0.3, 0.1, 0.2, -0.1}, {2, 1, 0, -1}};
  const auto expected = in_double<each(plain), Many, Many>({many_x, many_y});
  CHECK(close(in_double<each(through), Many, Many>({many_x, many_y}), expected));
  CHECK(close(in_double<each(through_backward), Many, Many>({many_x, many_y}), expected));
  constexpr auto along_first = [](auto f) { return vmap<0>(grad<0, 1>(f)); };
  CHECK(close(in_double<along_first(through), Many, Vector>({many_x, y}),
              in_double<along_first(plain), Many, Vector>({many_x, y})));
  constexpr auto nested = [](auto f) { return vmap(vmap(f)); };
  const Numbers cube = xt::ones<double>({2, 3, 4}) * 0.3;
  constexpr auto slope = [](auto z) { return grad([](auto w) { return sum(custom_exp(w)); })(z); };
  CHECK(close(in_double<nested(slope), Tensor<2, 3, 4>>({cube}), {Numbers(xt::exp(cube))}));
}

TEST_CASE("a custom tangent may differ from the function: a step with the slope of the identity") {
  constexpr auto f = [](auto z) { return sum(step_straight_through(z) * z); };
  const Numbers slopes = in_double<grad(f), Vector>({x})[0];  // step + z
  for (std::size_t i = 0; i < 4; ++i) CHECK(slopes(i) == (x(i) > 0 ? 1 : 0) + x(i));
}

TEST_CASE("reverse mode calls a backward rule as it is, linear or not") {
  constexpr auto f = [](auto z) { return sum(square(sign_of_gradient(z)) * constant<4>(0.1)); };
  const Numbers slopes = in_double<grad(f), Vector>({x})[0];
  for (std::size_t i = 0; i < 4; ++i) CHECK(slopes(i) == (x(i) > 0 ? 1 : -1));
  using Forward = runtime::Trace<jvp(sign_of_gradient), Vector, Vector>;
  CHECK_THROWS_WITH(Forward::make(), contains("not linear in what is transposed"));
}

TEST_CASE("custom rules take models, ids and masks, and leave nothing behind in the graph that is run") {
  using Ids = Index<3>;
  using Z = Tensor<3, 5>;
  Parameters<Model, double> parameters{Seed{seed()}};
  const xt::xtensor<std::int32_t, 1> ids{0, 4, 0};
  const xt::xtensor<std::int32_t, 1> targets{1, 3, 2};
  xt::xtensor<double, 2> z = xt::ones<double>({3, 5});
  z(1, 3) = -1;
  DoubleProgram<value_and_grad(masked<plain_loss>), Model, Ids, Ids, Z> expected;
  DoubleProgram<value_and_grad(masked<loss>), Model, Ids, Ids, Z> program;
  DoubleProgram<value_and_grad(masked<backward>), Model, Ids, Ids, Z> backward_program;
  const auto& want = expected(parameters, ids, targets, z);
  for (const auto& got :
       {program(parameters, ids, targets, z), backward_program(parameters, ids, targets, z)}) {
    CHECK(got.value == want.value);
    const auto a = got.gradients.flat();
    const auto b = want.gradients.flat();
    for (std::size_t i = 0; i < b.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= 1e-15);
  }
  CHECK(table<value_and_grad(masked<loss>), Model, Ids, Ids, Z>().find("custom") == std::string::npos);
}

TEST_CASE("ravel and unravel are each other's inverse") {
  using Pair = std::tuple<Tensor<2, 3>, Tensor<4>>;
  constexpr auto there_and_back = [](auto a, auto b) { return unravel<Pair>(ravel(Pair{a, b})); };
  const Numbers a{{1, 2, 3}, {4, 5, 6}};
  const auto found = in_double<there_and_back, Tensor<2, 3>, Tensor<4>>({a, x});
  CHECK(close(found, {a, x}));
}

}  // namespace ctgrad::test
