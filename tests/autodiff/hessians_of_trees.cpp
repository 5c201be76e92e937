#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <sstream>
#include <stdexcept>

/// Jacobians and Hessians by several arguments, tuples and models: their blocks against Hessian-vector
/// products, one direction at a time, and against formulas.
namespace {

using namespace ctgrad;
using Catch::Matchers::WithinAbs;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Linear<3, 2>,             head),
    (Parameter<init::ones, 2>,     scale));
};
constexpr auto outputs = [](const auto& model, auto x) { return tanh(model.head(x)) * model.scale; };
constexpr auto loss = [](const auto& model, auto x) { return sum(square(outputs(model, x))); };

/// a^2 b + sum(b x^2)
constexpr auto form = [](auto a, auto b, auto x) { return square(a) * b + sum(b * square(x)); };

const xt::xtensor<double, 1> x = {0.3, -0.5, 1.2};
const xt::xtensor<double, 1> x2 = {1, -2};

}  // namespace

TEST_CASE("the Hessian by several arguments is a block for each pair of them") {
  DoubleProgram<hessian<0, 2>(form), Tensor<>, Tensor<>, Tensor<2>> program;
  const auto h = program(3.0, 5.0, x2);
  const auto& [by_a, by_x] = h;
  CHECK(std::get<0>(by_a) == 10);
  CHECK((std::get<1>(by_a) == xt::xtensor<double, 1>{0, 0}));
  CHECK((std::get<0>(by_x) == xt::xtensor<double, 1>{0, 0}));
  CHECK((std::get<1>(by_x) == xt::xtensor<double, 2>{{10, 0}, {0, 10}}));
}

TEST_CASE("the Hessian by a tuple is that by its parts, and the Jacobian of a tuple a tuple of Jacobians") {
  static constexpr auto of_tuple = [](const auto& t) {
    return form(std::get<0>(t), std::get<1>(t), std::get<2>(t));
  };
  static constexpr auto two = [](auto a, auto b) { return std::tuple{a * b, sum(square(b))}; };
  DoubleProgram<hessian(of_tuple), std::tuple<Tensor<>, Tensor<>, Tensor<2>>> curvature;
  const auto h = curvature(std::tuple{3.0, 5.0, x2});
  CHECK(std::get<1>(std::get<0>(h)) == 6);
  CHECK((std::get<1>(std::get<2>(h)) == xt::xtensor<double, 1>{2, -4}));
  DoubleProgram<jacobian<Mode::forward, 1>(two), Tensor<>, Tensor<2>> forward;
  DoubleProgram<jacobian<Mode::reverse, 1>(two), Tensor<>, Tensor<2>> reverse;
  CHECK((std::get<0>(forward(3.0, x2)) == xt::xtensor<double, 2>{{3, 0}, {0, 3}}));
  CHECK((std::get<1>(forward(3.0, x2)) == xt::xtensor<double, 1>{2, -4}));
  CHECK((std::get<0>(forward(3.0, x2)) == std::get<0>(reverse(3.0, x2))));
  CHECK((std::get<1>(forward(3.0, x2)) == std::get<1>(reverse(3.0, x2))));
}

TEST_CASE("a column of a model's Hessian is the Hessian times a unit vector, and blocks have names") {
  Parameters<Model, double> parameters{Seed{3}};
  Parameters<Model, double> direction{Seed{3}};
  DoubleProgram<hessian(loss), Model, Tensor<3>> program;
  DoubleProgram<hvp(loss), Model, Tensor<3>, Model> times;
  const auto h = program(parameters, x);
  REQUIRE(h.matrix.shape()[0] == 10);
  REQUIRE(h.matrix.shape()[1] == 10);
  for (const FlatEntry& column : parameters.entries()) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(column.shape.size()); ++k) {
      std::fill(direction.flat().begin(), direction.flat().end(), 0.0);
      direction.span(column.name)[k] = 1;
      const auto product = times(parameters, x, direction);
      for (const FlatEntry& row : parameters.entries()) {
        INFO(row.name << " by " << column.name << ", element " << k);
        const auto block = h(row.name, column.name);
        const auto width = static_cast<std::size_t>(column.shape.size());
        REQUIRE(block.dimension() == static_cast<std::size_t>(row.shape.rank + column.shape.rank));
        for (std::size_t i = 0; i < static_cast<std::size_t>(row.shape.size()); ++i)
          CHECK_THAT(block.data()[i * width + k], WithinAbs(product.span(row.name)[i], 1e-14));
      }
    }
  }
  CHECK_THROWS_AS(h("head.weight", "head.wait"), std::out_of_range);
  std::ostringstream text;
  text << h;
  CHECK(text.str().starts_with("head.weight by head.weight: "));
  CHECK(text.str().find("\nscale by head.bias: ") != std::string::npos);
}

TEST_CASE("the Jacobian of a tensor by a model has a block for each parameter") {
  Parameters<Model, double> parameters{Seed{4}};
  DoubleProgram<jacobian(outputs), Model, Tensor<3>> program;
  DoubleProgram<outputs, Model, Tensor<3>> values;
  const auto j = program(parameters, x);
  const auto by_scale = j["scale"];
  const auto y = values(parameters, x);
  REQUIRE(by_scale.shape()[0] == 2);
  REQUIRE(j["head.weight"].dimension() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k) CHECK_THAT(by_scale(i, k), WithinAbs(i == k ? y(i) : 0, 1e-15));
  }
}
