#include "own_operations.hpp"

#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/inspect/residuals.hpp>

#include <support/catch.hpp>
#include <support/check_derivatives.hpp>
#include <support/compiled.hpp>
#include <support/reference/reference.hpp>

#include <algorithm>

/// Operations that the library does not know take part in everything.
namespace ctgrad::test {

template <>
inline Numbers reference<own::Asinh>(const Call& x) {
  return xt::asinh(x[0]);
}
template <>
inline Numbers reference<own::Flip>(const Call& x) {
  Numbers result = x[0];
  const std::size_t width = result.shape().back();
  for (std::size_t row = 0; row < result.size(); row += width)
    std::reverse(result.begin() + static_cast<std::ptrdiff_t>(row),
                 result.begin() + static_cast<std::ptrdiff_t>(row + width));
  return result;
}

template <>
inline Numbers reference<own::Gram>(const Call& x) {
  Numbers result(x.shape(), 0.0);
  for_each_position(x.shape(), [&](const Position& p) {
    for (std::size_t k = 0; k < x[0].shape(1); ++k) at(result, p) += x[0](p[0], k) * x[0](p[1], k);
  });
  return result;
}
template <>
inline Numbers reference<own::Differences>(const Call& x) {
  Numbers result(x.shape());
  for (std::size_t i = 0; i < result.size(); ++i) result(i) = x[0](i + 1) - x[0](i);
  return result;
}
template <>
inline Numbers reference<own::Sums>(const Call& x) {
  Numbers result(x.shape(), 0.0);
  const std::size_t rows = x[0].shape(0);
  for_each_position({rows, x[0].shape(1)}, [&](const Position& p) {
    result(p[0]) += at(x[0], p);
    result(rows + p[0]) += at(x[0], p) * at(x[0], p);
  });
  return result;
}

namespace {

constexpr auto f = [](auto x) { return sum(own::flip(own::asinh(x)) * x); };
constexpr auto g = [](auto x) {
  const auto [rows, squares] = own::sums(own::gram(x));
  return sum(own::differences(rows)) + sum(rows * squares);
};

template <class Op>
void check_operation() {
  define_reference(Op::name, &reference<Op>);
  Row row{Op::name};
  check_derivatives(row, {&operation<Op>, &Op::samples});
  check_refusals(row, {&operation<Op>, &Op::samples});
  check_compiled<Op>(row);
  for (const Checks& checks : row.columns) {
    INFO(checks.first_missed);
    CHECK(checks.missed == 0);
  }
  CHECK(row.count() > 100);
}

}  // namespace

TEST_CASE("an operation from outside passes the checks of the library's own") {
  check_operation<own::Asinh>();
  check_operation<own::Flip>();
}

TEST_CASE("an operation that gives its value and a definition alone passes them, too") {
  check_operation<own::Gram>();
  check_operation<own::Differences>();
  check_operation<own::Sums>();
}

TEST_CASE("operations with definitions and several results are differentiated to order 2 and batched") {
  using X = Tensor<3, 2>;
  const xt::xtensor<double, 2> parts[] = {{{0.4, -1.2}, {0.3, 0.8}, {-0.5, 0.1}},
                                          {{1.1, 0.2}, {-0.7, 0.6}, {0.9, -0.3}}};
  const GradientCheck check = check_gradients<GradientOptions{.order = 2}, X>(g, parts[0]);
  CHECK(check.second_error < 1e-6);

  DoubleProgram<vmap(hessian(g)), Tensor<2, 3, 2>> hessians;
  DoubleProgram<hessian(g), X> hessian_of_one;
  xt::xtensor<double, 3> x({2, 3, 2});
  for (std::size_t i = 0; i < 12; ++i) x.data()[i] = parts[i / 6].data()[i % 6];
  const auto& both = hessians(x);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& one = hessian_of_one(parts[i]);
    for (std::size_t j = 0; j < 36; ++j)
      CHECK(std::abs(both.data()[36 * i + j] - one.data()[j]) <= 1e-13 * (1 + std::abs(one.data()[j])));
  }
  STATIC_REQUIRE(count<own::Sums>(runtime::Trace<g, X>::make()) == 1);
}

TEST_CASE("an operation from outside is compiled, differentiated to order 2, batched and printed") {
  const xt::xtensor<double, 2> x{{0.4, -1.2, 0.3}, {1.5, 0.1, -0.6}};
  const GradientCheck check = check_gradients<GradientOptions{.order = 2}, Tensor<2, 3>>(f, x);
  CHECK(check.second_error < 1e-6);

  DoubleProgram<vmap(hessian(f)), Tensor<2, 3>> hessians;
  DoubleProgram<hessian(f), Tensor<3>> hessian_of_one;
  const auto& both = hessians(x);
  for (std::size_t i = 0; i < 2; ++i) {
    const xt::xtensor<double, 1> row = {x(i, 0), x(i, 1), x(i, 2)};
    const auto& one = hessian_of_one(row);
    for (std::size_t j = 0; j < 9; ++j) CHECK(both.data()[9 * i + j] == one.data()[j]);
  }

  Program<f, Tensor<2, 3>> in_float;
  DoubleProgram<f, Tensor<2, 3>> in_double;
  CHECK(std::abs(static_cast<double>(in_float(xt::xtensor<float, 2>(x))) - in_double(x)) < 1e-6);
  const std::string text = table<f, Tensor<2, 3>>();
  CHECK(text.find("asinh") != std::string::npos);
  CHECK(text.find("flip") != std::string::npos);
}

}  // namespace ctgrad::test
