#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/ops/losses.hpp>

#include <cmath>
#include <limits>

/// What inverse and hyperbolic functions, powers, norms and the losses of reals and of yes or no owe: digits
/// at every magnitude, the ends of their domains, signed zeros.
namespace ctgrad::test {

namespace {

using Long = long double;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Both NaN, equal infinities, zeros of one sign, or a few units of the last place apart; below the smallest
/// normal number, as good as 0.
template <class Scalar>
void check_near(double found, Long exact) {
  const double bar = 8 * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  const auto wanted = static_cast<double>(static_cast<Scalar>(exact));
  if (std::isnan(wanted)) {
    CHECK(std::isnan(found));
  } else if (std::isinf(wanted) || exact == 0) {
    CHECK(found == wanted);
    CHECK(std::signbit(found) == std::signbit(wanted));
  } else if (std::abs(exact) < static_cast<Long>(std::numeric_limits<Scalar>::min())) {
    CHECK_THAT(found,
               Catch::Matchers::WithinAbs(wanted, static_cast<double>(std::numeric_limits<Scalar>::min())));
  } else {
    CHECK_THAT(found, Catch::Matchers::WithinRel(wanted, bar));
  }
}

template <auto F>
constexpr auto slope = grad([](auto x) { return sum(F(x)); });

constexpr auto sinh_of = [](auto x) { return sinh(x); };
constexpr auto cosh_of = [](auto x) { return cosh(x); };
constexpr auto atan_of = [](auto x) { return atan(x); };
constexpr auto asin_of = [](auto x) { return asin(x); };
constexpr auto acos_of = [](auto x) { return acos(x); };
constexpr auto functions = [](auto x) {
  return std::tuple{sinh(x), slope<sinh_of>(x), cosh(x), slope<cosh_of>(x), atan(x), slope<atan_of>(x),
                    asin(x), slope<asin_of>(x), acos(x), slope<acos_of>(x)};
};

Long slope_of_asin(Long x) { return 1 / std::sqrt((1 - x) * (1 + x)); }
using Exact = Long (*)(Long);
constexpr Exact exact_functions[] = {
    [](Long x) { return std::sinh(x); }, [](Long x) { return std::cosh(x); },
    [](Long x) { return std::cosh(x); }, [](Long x) { return std::sinh(x); },
    [](Long x) { return std::atan(x); }, [](Long x) { return 1 / (1 + x * x); },
    [](Long x) { return std::asin(x); }, [](Long x) { return slope_of_asin(x); },
    [](Long x) { return std::acos(x); }, [](Long x) { return -slope_of_asin(x); }};

constexpr Size count = 13;

/// first, first ratio, first ratio^2, ... as the scalar type holds them.
template <class Scalar>
Numbers points(double first, double ratio) {
  Numbers x(extents(shape_of(count)));
  for (double& point : x) {
    point = static_cast<double>(static_cast<Scalar>(first));
    first *= ratio;
  }
  return x;
}

template <class Scalar>
void check_functions() {
  const Numbers ends{0, -0.0, 1, -1, infinity, -infinity, not_a_number, 2, -2, 1e30, -1e30, 0.5, -0.5};
  const Numbers small = points<Scalar>(1e-13, 10);       // up to 0.1
  const Numbers below_1 = 1 - points<Scalar>(0.5, 0.5);  // up to 1 - 2^-13
  const Numbers middle = points<Scalar>(0.01, 2);        // up to 41
  for (const Numbers& x : {ends, small, Numbers(-small), below_1, Numbers(-below_1), middle}) {
    const auto found = compute<Scalar, functions, Tensor<count>>({x});
    for (std::size_t f = 0; f < std::size(exact_functions); ++f) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        INFO("function " << f << " at " << x(i));
        const auto at = static_cast<Scalar>(x(i));
        check_near<Scalar>(found[f](i), exact_functions[f](static_cast<Long>(at)));
      }
    }
  }
}

constexpr auto sum_of_angles = [](auto y, auto x) { return sum(atan2(y, x)); };
constexpr auto angles = [](auto y, auto x) {
  return std::tuple{atan2(y, x), grad<0, 1>(sum_of_angles)(y, x)};
};

template <class Scalar>
void check_angles() {
  const Numbers y{3e30, 3e-30, -3, 3, -3, 0, -0.0, 0, 1, 0, infinity, 1, not_a_number};
  const Numbers x{4e30, 4e-30, 4, -4, -4, -1, -1, 1, 0, 0, 1, infinity, 1};
  const auto found = compute<Scalar, angles, Tensor<count>, Tensor<count>>({y, x});
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("at y " << y(i) << ", x " << x(i));
    const auto a = static_cast<Long>(static_cast<Scalar>(y(i)));
    const auto b = static_cast<Long>(static_cast<Scalar>(x(i)));
    check_near<Scalar>(found[0](i), std::atan2(a, b));
    if (!std::isfinite(a + b)) continue;
    check_near<Scalar>(found[1](i) + 0.0, b / (a * a + b * b) + 0);
    check_near<Scalar>(found[2](i) + 0.0, -a / (a * a + b * b) + 0);
  }
}

constexpr auto sum_of_powers = [](auto a, auto b) { return sum(pow(a, b)); };
constexpr auto powers = [](auto a, auto b) { return std::tuple{pow(a, b), grad<0, 1>(sum_of_powers)(a, b)}; };

template <class Scalar>
void check_powers() {
  struct Row {
    double a, b, value, by_a, by_b;
  };
  const double log_2 = std::log(2.0);
  const Row rows[] = {{2, 3, 8, 12, 8 * log_2},
                      {4, -0.5, 0.5, -0.0625, log_2},
                      {1, 5, 1, 5, 0},
                      {0, 2, 0, 0, 0},
                      {0, 1, 0, 1, 0},
                      {0, 0.5, 0, infinity, 0},
                      {0, 0, 1, 0, -infinity},
                      {0, -1, infinity, -infinity, -infinity},
                      {-2, 3, -8, 12, not_a_number},
                      {-2, 0.5, not_a_number, not_a_number, not_a_number},
                      {not_a_number, 0, 1, 0, not_a_number},
                      {infinity, 2, infinity, infinity, infinity},
                      {0.5, infinity, 0, 0, 0}};
  Numbers a(extents(shape_of(count))), b = a;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    a(i) = rows[i].a;
    b(i) = rows[i].b;
  }
  const auto found = compute<Scalar, powers, Tensor<count>, Tensor<count>>({a, b});
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    INFO(a(i) << " to the power " << b(i));
    check_near<Scalar>(found[0](i), static_cast<Long>(rows[i].value));
    check_near<Scalar>(found[1](i) + 0.0, static_cast<Long>(rows[i].by_a));
    check_near<Scalar>(found[2](i) + 0.0, static_cast<Long>(rows[i].by_b));
  }
}

constexpr auto sum_of_norms = [](auto x) { return sum(norm<1>(x)); };
constexpr auto norms = [](auto x) { return std::tuple{norm<1>(x), grad(sum_of_norms)(x)}; };

/// Rows of 3, -4, 0 and 12 at every size: of squares that overflow, of squares and then of numbers that are
/// denormal.
template <class Scalar>
void check_norms() {
  using Limits = std::numeric_limits<Scalar>;
  const double sizes[] = {1, std::ldexp(1.0, Limits::max_exponent - 5), std::ldexp(1.0, Limits::min_exponent),
                          std::ldexp(1.0, Limits::min_exponent - Limits::digits + 2), 0};
  Numbers x({7, 4}, 0.0);
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    x(i, 0) = 3 * sizes[i];
    x(i, 1) = -4 * sizes[i];
    x(i, 3) = 12 * sizes[i];
  }
  x(5, 0) = -infinity;
  x(5, 1) = 1;
  x(6, 0) = infinity;
  x(6, 1) = not_a_number;
  const auto found = compute<Scalar, norms, Tensor<7, 4>>({x});
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    INFO("of size " << sizes[i]);
    CHECK(found[0](i) == 13 * sizes[i]);
    for (std::size_t j = 0; j < 4; ++j)
      check_near<Scalar>(found[1](i, j) + 0.0,
                         sizes[i] == 0 ? 0 : static_cast<Long>(x(i, j) / sizes[i]) / 13);
  }
  CHECK(found[0](5) == infinity);
  CHECK(found[1](5, 1) == 0);
  CHECK(std::isnan(found[1](5, 0)));
  CHECK(std::isnan(found[0](6)));
}

constexpr auto of_each = [](auto logits, auto targets) { return binary_cross_entropies(logits, targets); };
constexpr auto binary = [](auto logits, auto targets) { return binary_cross_entropy(logits, targets); };
constexpr auto binary_losses = [](auto logits, auto targets) {
  return std::tuple{of_each(logits, targets), value_and_grad(binary)(logits, targets)};
};
constexpr auto weighted = [](auto logits, auto targets, auto weights) {
  return binary_cross_entropy(logits, targets, weights);
};
constexpr auto squared = [](auto x, auto y) { return mse(x, y); };

template <class Scalar>
void check_losses() {
  const Numbers logits{0, std::log(3.0), 40, -40, 800, -800, infinity, -infinity, 800, 100};
  const Numbers targets{0.5, 0.25, 1, 0, 1, 0, 1, 0, 0, 0.5};
  const Long far = std::log1p(std::exp(Long{-40}));
  const Long expected[] = {
      std::log(Long{2}), std::log(Long{4}) - std::log(Long{3}) / 4, far, far, 0, 0, 0, 0, 800, 50};
  const Long slopes[] = {0, 0.5L, -far, far, 0, 0, 0, 0, 1, 0.5L};
  const auto found = compute<Scalar, binary_losses, Tensor<10>, Tensor<10>>({logits, targets});
  Long sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    INFO("logit " << logits(i) << ", target " << targets(i));
    check_near<Scalar>(found[0](i), expected[i]);
    check_near<Scalar>(found[2](i) + 0.0, slopes[i] / 10);
    sum += expected[i];
  }
  check_near<Scalar>(found[1](), sum / 10);

  const auto some = compute<Scalar, value_and_grad(weighted), Tensor<3>, Tensor<3>, Tensor<3>>(
      {{0, not_a_number, 0}, {1, not_a_number, 0.5}, {1, 0, 3}});
  check_near<Scalar>(some[0](), std::log(Long{2}));
  CHECK((some[1] == Numbers{-0.125, 0, 0}));
  const auto none = compute<Scalar, value_and_grad(weighted), Tensor<3>, Tensor<3>, Tensor<3>>(
      {{1, infinity, not_a_number}, {1, 0, 7}, {0, 0, 0}});
  CHECK(none[0]() == 0);
  CHECK((none[1] == Numbers{0, 0, 0}));

  const Numbers predicted{{1, 2}, {3, 4}};
  const Numbers wanted{{1, 0}, {4, 1}};
  const auto error =
      compute<Scalar, value_and_grad(squared), Tensor<2, 2>, Tensor<2, 2>>({predicted, wanted});
  CHECK(error[0]() == 3.5);
  CHECK((error[1] == Numbers{{0, 1}, {-0.5, 1.5}}));
}

}  // namespace

TEST_CASE("hyperbolic and inverse functions keep their digits up to the ends of their domains", "[ops]") {
  check_functions<double>();
  check_functions<float>();
}

TEST_CASE("atan2 tells quadrants by signs, and its slopes neither overflow nor vanish on the way", "[ops]") {
  check_angles<double>();
  check_angles<float>();
}

TEST_CASE("a power has the documented value and slopes at the edges of its domain", "[ops]") {
  check_powers<double>();
  check_powers<float>();
}

TEST_CASE("norms are exact at every size of numbers, and the subgradient of 0 is 0", "[ops]") {
  check_norms<double>();
  check_norms<float>();
}

TEST_CASE("binary cross-entropy is exact and finite for any logits; mse is the mean of squares", "[ops]") {
  check_losses<double>();
  check_losses<float>();
}

}  // namespace ctgrad::test
