#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>

#include <cmath>
#include <limits>

/// What the functions that keep their digits owe: near 0, far out, and at the edges of their domains.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Size count = 13;
using Points = Tensor<count>;

template <auto F>
constexpr auto each = [](auto x) { return F(x); };
template <auto F>
constexpr auto slopes = grad([](auto x) { return sum(F(x)); });

constexpr auto log1mexp_of = [](auto x) { return log1mexp(x); };
constexpr auto softplus_of = [](auto x) { return softplus(x); };
constexpr auto expm1_of = [](auto x) { return expm1(x); };
constexpr auto log1p_of = [](auto x) { return log1p(x); };
constexpr auto sin_of = [](auto x) { return sin(x); };
constexpr auto cos_of = [](auto x) { return cos(x); };

/// The points in the scalar type, as exact as long doubles: one for every magnitude.
template <class Scalar>
Numbers points(double first, double ratio) {
  Numbers x(extents(Points::shape));
  for (double& point : x) {
    point = static_cast<double>(static_cast<Scalar>(first));
    first *= ratio;
  }
  return x;
}

/// Relative to the exact function: a few units of the last place, at every magnitude.
template <class Scalar, auto F>
void check_digits(const Numbers& x, long double (*exact)(long double),
                  long double (*exact_slope)(long double)) {
  const double bar = 8 * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  const Numbers value = compute<Scalar, each<F>, Points>({x})[0];
  const Numbers slope = compute<Scalar, slopes<F>, Points>({x})[0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("at " << x(i));
    const auto at = static_cast<long double>(x(i));
    CHECK_THAT(value(i), Catch::Matchers::WithinRel(static_cast<double>(exact(at)), bar));
    CHECK_THAT(slope(i), Catch::Matchers::WithinRel(static_cast<double>(exact_slope(at)), bar));
  }
}

template <class Scalar>
void check_all_digits() {
  const Numbers small = points<Scalar>(1e-12, 10);  // up to 1
  const Numbers middle = points<Scalar>(0.01, 2);   // up to 41
  using Long = long double;
  const auto log1mexp_exact = [](Long x) { return std::log(-std::expm1(-x)); };
  const auto log1mexp_slope = [](Long x) { return 1 / std::expm1(x); };
  check_digits<Scalar, log1mexp_of>(small, log1mexp_exact, log1mexp_slope);
  check_digits<Scalar, expm1_of>(
      small, [](Long x) { return std::expm1(x); }, [](Long x) { return std::exp(x); });
  check_digits<Scalar, log1p_of>(
      small, [](Long x) { return std::log1p(x); }, [](Long x) { return 1 / (1 + x); });
  const auto softplus_exact = [](Long x) { return std::log1p(std::exp(x)); };
  const auto softplus_slope = [](Long x) { return 1 / (1 + std::exp(-x)); };
  check_digits<Scalar, softplus_of>(middle, softplus_exact, softplus_slope);
  check_digits<Scalar, softplus_of>(-middle, softplus_exact, softplus_slope);
  check_digits<Scalar, sin_of>(
      middle, [](Long x) { return std::sin(x); }, [](Long x) { return std::cos(x); });
  check_digits<Scalar, cos_of>(
      middle, [](Long x) { return std::cos(x); }, [](Long x) { return -std::sin(x); });
}

template <class Scalar>
void check_table(double bar) {
  const Numbers found = compute<Scalar, each<log1mexp_of>, Tensor<5>>({{0, 1, 100, infinity, -1}})[0];
  CHECK(found(0) == -infinity);
  CHECK_THAT(found(1), Catch::Matchers::WithinRel(-0.45867514538708189, bar));
  CHECK(found(2) < 0);
  CHECK_THAT(found(2), Catch::Matchers::WithinAbs(-std::exp(-100.0), 1e-45));
  CHECK(found(3) == 0);
  CHECK(std::isnan(found(4)));
  const Numbers slope = compute<Scalar, slopes<log1mexp_of>, Tensor<3>>({{0, 1000, infinity}})[0];
  CHECK((slope == Numbers{infinity, 0, 0}));

  const double tiny = static_cast<double>(static_cast<Scalar>(std::exp(-200.0)));
  const Numbers x{89, 1e30, infinity, -200, -infinity, 0};
  const Numbers soft = compute<Scalar, each<softplus_of>, Tensor<6>>({x})[0];
  CHECK(soft(0) == 89);
  CHECK(soft(1) == static_cast<double>(static_cast<Scalar>(1e30)));
  CHECK(soft(2) == infinity);
  CHECK_THAT(soft(3), Catch::Matchers::WithinAbs(tiny, 1e-100));
  CHECK(soft(4) == 0);
  CHECK_THAT(soft(5), Catch::Matchers::WithinRel(std::log(2.0), bar));
  const Numbers soft_slope = compute<Scalar, slopes<softplus_of>, Tensor<6>>({x})[0];
  CHECK(soft_slope(0) == 1);
  CHECK(soft_slope(1) == 1);
  CHECK(soft_slope(2) == 1);
  CHECK_THAT(soft_slope(3), Catch::Matchers::WithinAbs(tiny, 1e-100));
  CHECK(soft_slope(4) == 0);
  CHECK(soft_slope(5) == 0.5);
}

}  // namespace

TEST_CASE("log1mexp and softplus at the edges give the published values", "[ops]") {
  check_table<double>(1e-15);
  check_table<float>(1e-7);
}

TEST_CASE("values and slopes keep their digits at every magnitude", "[ops]") {
  check_all_digits<double>();
  check_all_digits<float>();
}

}  // namespace ctgrad::test
