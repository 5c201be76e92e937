#include <ctgrad/check/differences.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cstdio>

/// The Hessian of a whole encoder layer with cross-entropy, by all of its parameters.
namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<5, 4>,          tokens),
    (nn::EncoderLayer<4, 2, 8, nn::TransformerOptions{.activation = nn::Activation::gelu}>, layer),
    (nn::Linear<4, 5>,             head));
};
constexpr Size size = autodiff::real_size<Model>();
using Vector = Tensor<size>;
using Ids = Index<2, 3>;

constexpr auto loss = [](auto p, auto ids, auto targets) {
  const Model model = unravel<Model>(p);
  return cross_entropy(model.head(model.layer(model.tokens(ids))), targets);
};

const xt::xtensor<std::int32_t, 2> ids = {{0, 1, 4}, {3, 3, 2}};
const xt::xtensor<std::int32_t, 2> targets = {{4, 1, 0}, {2, 3, 3}};
constexpr double bar = 1e-6;
/// A quarter of the usual one: along a single parameter the norms bend much.
const double spacing = runtime::stencil_spacing / 4;

runtime::Vectors start() {
  Parameters<Model, double> parameters{Seed{3}};
  for (double& number : parameters.span("tokens.table")) number *= 20;  // far from rows of equal numbers
  std::vector<double> all;
  for (const FlatEntry& entry : parameters.entries()) {
    const auto numbers = parameters.span(entry.name);
    all.insert(all.end(), numbers.begin(), numbers.end());
  }
  return {all};
}

xt::xtensor<double, 1> as_xtensor(const std::vector<double>& numbers) {
  xt::xtensor<double, 1> result = xt::empty<double>({numbers.size()});
  std::copy(numbers.begin(), numbers.end(), result.begin());
  return result;
}

/// The gradient at a point, as a function of vectors.
class Gradient {
 public:
  runtime::Vectors operator()(const runtime::Vectors& p) {
    const auto found = program_(as_xtensor(p[0]), ids, targets);
    return {{found.begin(), found.end()}};
  }

 private:
  DoubleProgram<grad(loss), Vector, Ids, Ids> program_;
};

}  // namespace

TEST_CASE("the Hessian of an encoder layer with cross-entropy is the gradient's derivative, and symmetric") {
  const runtime::Vectors p = start();
  DoubleProgram<hessian(loss), Vector, Ids, Ids> program;
  const auto hessian = program(as_xtensor(p[0]), ids, targets);
  Gradient gradient;
  double largest = 0;
  double asymmetry = 0;
  for (std::size_t column = 0; column < p[0].size(); ++column) {
    runtime::Vectors direction = runtime::zeros_like(p);
    direction[0][column] = 1;
    double rounding = 0;
    const runtime::Vectors expected = runtime::difference(
        [&](const runtime::Vectors& at) { return gradient(at); }, p, direction, spacing, rounding);
    for (std::size_t row = 0; row < p[0].size(); ++row) {
      const double error = runtime::relative_error(hessian(row, column), expected[0][row], bar, 0);
      largest = std::max(largest, error);
      asymmetry =
          std::max(asymmetry, runtime::relative_error(hessian(row, column), hessian(column, row), 1e-10, 0));
    }
  }
  CHECK(largest < bar);
  CHECK(asymmetry < 1e-10);
  std::printf(
      "figure: Hessian of an encoder layer with cross-entropy, %zu x %zu: against differences %.1e (bar "
      "%.0e), asymmetry %.1e (bar 1e-10)\n",
      p[0].size(), p[0].size(), largest, bar, asymmetry);
}

TEST_CASE("hvp of an encoder layer with cross-entropy is the gradient's derivative along a direction") {
  const runtime::Vectors p = start();
  runtime::Vectors v = runtime::zeros_like(p);
  Random random(Seed{test::seed()});
  for (double& number : v[0]) number = random.normal() / std::sqrt(static_cast<double>(size));
  DoubleProgram<hvp(loss), Vector, Ids, Ids, Vector> program;
  const auto product = program(as_xtensor(p[0]), ids, targets, as_xtensor(v[0]));
  Gradient gradient;
  double rounding = 0;
  const runtime::Vectors expected =
      runtime::difference([&](const runtime::Vectors& at) { return gradient(at); }, p, v, spacing, rounding);
  double largest = 0;
  for (std::size_t i = 0; i < p[0].size(); ++i)
    largest = std::max(largest, runtime::relative_error(product(i), expected[0][i], bar, 0));
  CHECK(largest < bar);
  std::printf("figure: hvp of an encoder layer with cross-entropy against differences %.1e (bar %.0e)\n",
              largest, bar);
}
