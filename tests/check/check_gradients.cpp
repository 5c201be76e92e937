#include <ctgrad/autodiff/custom.hpp>
#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cstdio>
#include <sstream>

namespace {

using namespace ctgrad;

constexpr auto smooth = [](auto x, auto y) { return tanh(matmul(x, y)) * exp(sum<0>(x, keep)); };

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<5, 4>,          tokens),
    (nn::EncoderLayer<4, 2, 8, nn::TransformerOptions{.activation = nn::Activation::gelu}>, layer),
    (nn::Linear<4, 5>,             head));
};
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model.head(model.layer(model.tokens(ids))), targets);
};

constexpr auto kinked = [](auto x, auto y) { return sum(y * relu(x)); };

/// Deliberately wrong: the tangent of x * y without its second part, and a tangent that is right but constant
/// to further derivatives.
constexpr auto wrong_tangent = custom_tangent([](auto x, auto y) { return x * y; },
                                              [](auto, auto, auto y, auto dx, auto) { return y * dx; });
constexpr auto wrong_second = custom_tangent([](auto x) { return exp(x); },
                                             [](auto y, auto, auto dx) { return stop_gradient(y) * dx; });

/// Off by a hundred-thousandth.
constexpr auto nearly_right =
    custom_tangent([](auto x) { return exp(x); }, [](auto y, auto, auto dx) { return 1.00001 * y * dx; });

/// x, but 1 more at every run.
struct Unsteady : ops::Unary<Unsteady> {
  static constexpr auto name = "unsteady";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr Samples samples() { return sample::unary(Domain::any); }
  template <class T>
  static T apply(T x) {
    static T runs = 0;
    return x + runs++;
  }
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};
constexpr auto unsteady = [](auto x) { return Tensor<2>{emit<Unsteady>(x.value)}; };

/// Linear, with a transpose that is not its own.
struct Twice : ops::Unary<Twice> {
  static constexpr auto name = "twice";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr Samples samples() { return sample::unary(Domain::any); }
  template <class T>
  static T apply(T x) {
    return x + x;
  }
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};
constexpr auto wrong_transpose = [](auto x, auto y) { return Tensor<2>{emit<Twice>(y.value)} * x; };

const xt::xtensor<double, 1> pair = {0.5, -0.3};

/// What the checker finds wrong.
template <GradientOptions Options, class... Arguments, class F, class... Inputs>
GradientMismatch mismatch(F f, const Inputs&... inputs) {
  try {
    check_gradients<Options, Arguments...>(f, inputs...);
  } catch (const GradientMismatch& found) {
    return found;
  }
  FAIL("the checker finds nothing wrong");
  throw std::logic_error("not reached");
}

}  // namespace

template <>
inline constexpr auto ctgrad::ops::extension<> = ctgrad::ops::registry_of<Unsteady, Twice>();

TEST_CASE("the checker passes right gradients of a function of two matrices") {
  const xt::xtensor<double, 2> x = {{0.1, -0.4, 0.3}, {0.7, 0.2, -0.5}};
  const xt::xtensor<double, 2> y = {{0.3, 0.9, -0.1}, {-0.6, 0.4, 0.2}, {0.5, -0.2, 0.8}};
  const GradientCheck check = check_gradients<Tensor<2, 3>, Tensor<3, 3>>(smooth, x, y);
  CHECK(check.checks == 6 + 6 + 6 + 1 + 15);  // values twice, tangents, adjoint, entries
  CHECK(check.tangent_error < 1e-8);
  CHECK(check.adjoint_error < 1e-12);
  std::ostringstream text;
  text << GradientCheck{.checks = 34, .tangent_error = 2.5e-12, .entry_error = 1e-11, .adjoint_error = 0};
  CHECK(text.str() == "34 checks passed; largest errors: tangents 2.5e-12, entries 1e-11, adjoint 0");
}

TEST_CASE("the checker passes a whole encoder layer with cross-entropy, to order 2 in every mode") {
  Parameters<Model, double> parameters{Seed{3}};
  for (double& number : parameters.span("tokens.table")) number *= 20;  // far from rows of equal numbers
  const xt::xtensor<std::int32_t, 2> ids = {{0, 1, 4}, {3, 3, 2}};
  const xt::xtensor<std::int32_t, 2> targets = {{4, 1, 0}, {2, 3, 3}};
  const GradientCheck check = check_gradients<GradientOptions{.order = 2}, Model, Index<2, 3>, Index<2, 3>>(
      loss, parameters, ids, targets);
  CHECK(check.checks > 200);
  CHECK(check.second_error < 1e-6);
  std::printf(
      "figure: check_gradients of an encoder layer with cross-entropy: %d checks, tangent %.1e, entries %.1e "
      "(bar 1e-8), adjoint %.1e (bar 1e-12), order 2 %.1e (bar 1e-6), between its modes %.1e (bar 1e-10)\n",
      check.checks, check.tangent_error, check.entry_error, check.adjoint_error, check.second_error,
      check.second_modes_error);
}

TEST_CASE("the checker names argument, entry, numbers and what is wrong") {
  const xt::xtensor<double, 1> at_the_kink = {0.5, 0.0};
  const xt::xtensor<double, 1> y = {1.0, 1.0};
  constexpr GradientOptions first;
  const GradientMismatch kink = mismatch<first, Tensor<2>, Tensor<2>>(kinked, at_the_kink, y);
  CHECK_THAT(kink.what(), test::contains("the gradient of argument 1, entry 1 is"));
  CHECK_THAT(kink.what(), test::contains("by differences"));

  const GradientMismatch tangent = mismatch<first, Tensor<2>, Tensor<2>>(wrong_tangent, pair, pair);
  CHECK(tangent.culprit() == Culprit::tangent);
  CHECK_THAT(tangent.what(), test::contains("the gradient of argument 2, entry 0 is"));
  const GradientMismatch transpose = mismatch<first, Tensor<2>, Tensor<2>>(wrong_transpose, pair, pair);
  CHECK(transpose.culprit() == Culprit::transpose);
  CHECK_THAT(transpose.what(), test::contains("the gradient of argument 2, entry 0 is"));
  CHECK(mismatch<first, Tensor<2>>(unsteady, pair).culprit() == Culprit::value);
}

TEST_CASE("the checker looks at the modes, the order and the tolerance that it is told") {
  constexpr GradientOptions forward{.modes = Modes::forward};
  constexpr GradientOptions reverse{.modes = Modes::reverse};
  CHECK(check_gradients<forward, Tensor<2>, Tensor<2>>(wrong_transpose, pair, pair).checks == 2 + 2 + 4 * 3);
  CHECK(mismatch<reverse, Tensor<2>, Tensor<2>>(wrong_transpose, pair, pair).culprit() == Culprit::tangent);
  CHECK(mismatch<forward, Tensor<2>, Tensor<2>>(wrong_tangent, pair, pair).culprit() == Culprit::tangent);
  CHECK(check_gradients<Tensor<2>>(wrong_second, pair).checks > 0);
  constexpr GradientOptions second{.order = 2};
  const GradientMismatch wrong = mismatch<second, Tensor<2>>(wrong_second, pair);
  CHECK(wrong.culprit() == Culprit::second);
  CHECK_THAT(wrong.what(), test::contains("forward over reverse"));
  constexpr GradientOptions coarse{.tolerance = 1e-4};
  CHECK(check_gradients<coarse, Tensor<2>>(nearly_right, pair).tangent_error > 1e-6);
  CHECK_THROWS_AS((check_gradients<Tensor<2>>(nearly_right, pair)), GradientMismatch);
}

TEST_CASE("an id of rank 0 is an argument of what is checked") {
  constexpr auto scaled = [](auto x, auto id) { return sum(x * x * as_real(id)); };
  const xt::xtensor<double, 1> x = {1, 2, 3};
  const GradientCheck check = check_gradients<Tensor<3>, Index<>>(scaled, x, 3);
  CHECK(check.checks > 0);
}
