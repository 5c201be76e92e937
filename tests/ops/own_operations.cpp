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

namespace {

constexpr auto f = [](auto x) { return sum(own::flip(own::asinh(x)) * x); };

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
