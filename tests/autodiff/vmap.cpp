#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<7, 4>,           tokens),
    (nn::EncoderLayer<4, 2, 6>,     layer),
    (nn::Linear<4, 7>,              head));
};
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model.head(model.layer(model.tokens(ids))), targets);
};
constexpr auto curve = [](auto x) { return sum(tanh(x) * exp(0.5 * x)) * sum(square(x)); };
constexpr auto bend = [](auto x, auto y) { return tanh(matmul(x, y)) * sum<0>(y, keep); };

double largest_difference(const auto& a, const auto& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

/// Calls visit(array) for every array of nested tuples.
template <class T, class Visit>
void for_each_array(const T& tree, const Visit& visit) {
  if constexpr (requires { tree.data(); }) {
    visit(tree);
  } else {
    std::apply([&](const auto&... parts) { (for_each_array(parts, visit), ...); }, tree);
  }
}

const xt::xtensor<double, 1> x3 = {0.3, -0.5, 1.2};
const xt::xtensor<double, 2> left = {{0.1, 0.4, -0.2}, {-0.3, 0.2, 0.6}};
const xt::xtensor<double, 2> right = {{0.5, -0.1}, {0.2, 0.3}, {-0.4, 0.7}};

}  // namespace

TEST_CASE("per-sample gradients are vmap of grad, and their mean is the gradient of the batch") {
  Parameters<Model, double> parameters{Seed{4}};
  const xt::xtensor<std::int32_t, 2> ids = {{0, 1, 6}, {3, 3, 2}, {5, 0, 0}, {1, 2, 4}};
  const xt::xtensor<std::int32_t, 2> targets = {{6, 1, 0}, {2, 3, 3}, {5, 5, 1}, {0, 0, 4}};
  DoubleProgram<vmap<1, 2>(grad(loss)), Model, Index<4, 3>, Index<4, 3>> each;
  DoubleProgram<grad(loss), Model, Index<4, 3>, Index<4, 3>> together;
  const auto all = together(parameters, ids, targets);
  const auto table = std::get<0>(std::get<0>(each(parameters, ids, targets)));
  REQUIRE(table.shape()[0] == 4);
  // Both add up the same dozen products, in other orders.
  double magnitude = 0;
  for (std::size_t i = 0; i < 28; ++i) magnitude = std::max(magnitude, std::abs(all.span("tokens.table")[i]));
  const double bar = 12 * std::numeric_limits<double>::epsilon() * magnitude;
  for (std::size_t i = 0; i < 28; ++i) {
    double mean = 0;
    for (std::size_t n = 0; n < 4; ++n) mean += table.data()[n * 28 + i] / 4;
    CHECK_THAT(mean, Catch::Matchers::WithinAbs(all.span("tokens.table")[i], bar));
  }
}

TEST_CASE("a sample's part of vmap(grad(loss)) is its own gradient, for every parameter of the model") {
  Parameters<Model, double> parameters{Seed{5}};
  const xt::xtensor<std::int32_t, 2> ids = {{0, 1, 6}, {3, 3, 2}, {5, 0, 0}, {1, 2, 4}};
  const xt::xtensor<std::int32_t, 2> targets = {{6, 1, 0}, {2, 3, 3}, {5, 5, 1}, {0, 0, 4}};
  DoubleProgram<vmap<1, 2>(grad(loss)), Model, Index<4, 3>, Index<4, 3>> each;
  DoubleProgram<grad(loss), Model, Index<3>, Index<3>> alone;
  const auto all = each(parameters, ids, targets);
  for (std::size_t n = 0; n < 4; ++n) {
    const xt::xtensor<std::int32_t, 1> id = {ids(n, 0), ids(n, 1), ids(n, 2)};
    const xt::xtensor<std::int32_t, 1> target = {targets(n, 0), targets(n, 1), targets(n, 2)};
    const auto gradient = alone(parameters, id, target);
    std::size_t arrays = 0;
    for_each_array(all, [&](const auto& batched) {
      const FlatEntry& entry = parameters.entries().at(arrays++);
      INFO(entry.name << ", sample " << n);
      const auto size = static_cast<std::size_t>(entry.shape.size());
      REQUIRE(batched.size() == 4 * size);
      for (std::size_t k = 0; k < size; ++k)
        CHECK_THAT(batched.data()[n * size + k],
                   Catch::Matchers::WithinAbs(gradient.span(entry.name)[k], 1e-13));
    });
    CHECK(arrays == parameters.entries().size());
  }
}

TEST_CASE("vmap within vmap goes along two axes") {
  constexpr auto products = [](auto a, auto b) {
    return vmap<0>([](auto row, auto rows) {
      return vmap<1>([](auto u, auto v) { return sum(u * v); })(row, rows);
    })(a, b);
  };
  DoubleProgram<products, Tensor<2, 3>, Tensor<2, 3>> program;
  const auto p = program(left, left);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      double expected = 0;
      for (std::size_t k = 0; k < 3; ++k) expected += left(i, k) * left(j, k);
      CHECK_THAT(p(i, j), Catch::Matchers::WithinAbs(expected, 1e-15));
    }
  }
}

TEST_CASE("the Jacobian is the same by columns, by rows, and by directions one at a time") {
  DoubleProgram<jacobian<Mode::forward, 1>(bend), Tensor<2, 3>, Tensor<3, 2>> forward;
  DoubleProgram<jacobian<Mode::reverse, 1>(bend), Tensor<2, 3>, Tensor<3, 2>> reverse;
  DoubleProgram<jvp<1>(bend), Tensor<2, 3>, Tensor<3, 2>, Tensor<3, 2>> directional;
  const auto by_columns = forward(left, right);
  REQUIRE(by_columns.dimension() == 4);
  CHECK(largest_difference(by_columns, reverse(left, right)) < 1e-15);
  for (std::size_t k = 0; k < 6; ++k) {
    xt::xtensor<double, 2> v = xt::zeros<double>({3, 2});
    v.data()[k] = 1;
    const auto column = directional(left, right, v).tangent;
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK_THAT(by_columns.data()[i * 6 + k], Catch::Matchers::WithinAbs(column.data()[i], 1e-15));
    }
  }
}

TEST_CASE("the Hessian is symmetric and times a vector is the Hessian-vector product") {
  DoubleProgram<hessian(curve), Tensor<3>> full;
  DoubleProgram<hvp(curve), Tensor<3>, Tensor<3>> times;
  const xt::xtensor<double, 1> v = {1, 2, -1};
  const auto h = full(x3);
  const auto w = times(x3, v);
  for (std::size_t i = 0; i < 3; ++i) {
    double product = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK_THAT(h(i, j), Catch::Matchers::WithinAbs(h(j, i), 1e-14));
      product += h(i, j) * v(j);
    }
    CHECK_THAT(product, Catch::Matchers::WithinAbs(w(i), 1e-13));
  }
}

TEST_CASE("the Hessian of a quadratic form is its matrix plus the transpose") {
  constexpr auto form = [](auto x, auto a) { return sum(x * matmul(a, x)); };
  DoubleProgram<hessian(form), Tensor<3>, Tensor<3, 3>> program;
  const xt::xtensor<double, 2> a = {{1, 2, 3}, {-4, 5, 0.5}, {7, 0, -2}};
  const auto h = program(x3, a);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j)
      CHECK_THAT(h(i, j), Catch::Matchers::WithinAbs(a(i, j) + a(j, i), 1e-14));
  }
}
