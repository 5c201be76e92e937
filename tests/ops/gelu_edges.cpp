#include <support/catch.hpp>
#include <support/compute.hpp>

#include <cmath>
#include <limits>

/// gelu's two forms over [-12, 5] and far out.
namespace ctgrad::test {

namespace {

constexpr auto by_erf = [](auto x) { return gelu(x); };
constexpr auto by_tanh = [](auto x) { return gelu(x, GeluForm::tanh); };
constexpr Size count = 1701;
using Line = Tensor<count>;

long double exact_by_erf(long double x) { return x * std::erfc(-x / std::sqrt(2.0L)) / 2; }

/// x (1 + tanh(u)) / 2 without its cancellation.
long double exact_by_tanh(long double x) {
  const long double u = std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x);
  return x / (1 + std::exp(-2 * u));
}

template <class Scalar, auto Function>
void check_line(long double (*exact)(long double)) {
  Numbers x(extents(Line::shape));
  for (std::size_t i = 0; i < x.size(); ++i)
    x(i) = static_cast<double>(static_cast<Scalar>(-12 + 0.01 * static_cast<double>(i)));
  const Numbers found = compute<Scalar, Function, Line>({x})[0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = static_cast<double>(exact(static_cast<long double>(x(i))));
    // A slope that is less than the inverse of the largest number counts as 0.
    const double underflow = std::abs(x(i)) / static_cast<double>(std::numeric_limits<Scalar>::max());
    INFO("gelu(" << x(i) << ")");
    CHECK(std::abs(found(i) - expected) <= 2e-5 * std::abs(expected) + underflow);
  }
}

template <class Scalar, auto Function>
void check_far() {
  const Numbers found = compute<Scalar, Function, Tensor<4>>({{400, 1e30, -400, -1e30}})[0];
  const Numbers expected{400, static_cast<double>(static_cast<Scalar>(1e30)), 0, 0};
  CHECK((found == expected));
}

}  // namespace

TEST_CASE("gelu is within 2e-5 of its definition over [-12, 5]", "[ops]") {
  check_line<double, by_erf>(&exact_by_erf);
  check_line<float, by_erf>(&exact_by_erf);
  check_line<double, by_tanh>(&exact_by_tanh);
  check_line<float, by_tanh>(&exact_by_tanh);
}

TEST_CASE("gelu far out is x or 0", "[ops]") {
  check_far<double, by_erf>();
  check_far<float, by_erf>();
  check_far<double, by_tanh>();
  check_far<float, by_tanh>();
}

}  // namespace ctgrad::test
