#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/vjp.hpp>

#include <cmath>
#include <limits>

/// What softmax, log-softmax and log-sum-exp owe at the edges.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr auto softmax_of = [](auto x) { return softmax(x); };
constexpr auto log_softmax_of = [](auto x) { return log_softmax(x); };
constexpr auto log_sum_exp_of = [](auto x) { return log_sum_exp(x); };
constexpr auto second_masked = [](auto x) {
  return softmax(select(beside(x, iota<2>()) == 1, -std::numeric_limits<double>::infinity(), x));
};

/// The value of a function of x, and the cotangent of x for the cotangent u.
template <class Scalar, auto Function, class X, class U>
std::vector<Numbers> value_and_cotangent(const Numbers& x, const Numbers& u) {
  return compute<Scalar, vjp(Function), X, U>({x, u});
}

template <class Scalar>
void check_masked_row() {
  const Numbers x{{-infinity, -infinity, -infinity}, {0, 1, -infinity}};
  const auto found =
      value_and_cotangent<Scalar, softmax_of, Tensor<2, 3>, Tensor<2, 3>>(x, {{1, 2, 3}, {4, 5, 6}});
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(found[0](0, j) == 0);
    CHECK(found[1](0, j) == 0);
  }
  CHECK(found[0](1, 2) == 0);
  CHECK(found[1](1, 2) == 0);
  CHECK(all_finite(found[0]));
  CHECK(all_finite(found[1]));
  CHECK_THAT(found[0](1, 0) + found[0](1, 1), Catch::Matchers::WithinRel(1.0, 1e-6));
}

template <class Scalar>
void check_masked_second() {
  const auto found = value_and_cotangent<Scalar, second_masked, Tensor<2>, Tensor<2>>({36, 10000}, {3, 5});
  CHECK((found[0] == Numbers{1, 0}));
  CHECK((found[1] == Numbers{0, 0}));
}

template <class Scalar>
void check_extreme_rows() {
  const double least = static_cast<double>(std::numeric_limits<Scalar>::lowest());
  const Numbers x{{90, 89, 88, least, least, least}, {-86, -87, -88, least, least, least}};
  const auto found =
      value_and_cotangent<Scalar, softmax_of, Tensor<2, 6>, Tensor<2, 6>>(x, Numbers({2, 6}, 1.0));
  const double bar = 4 * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (std::size_t row = 0; row < 2; ++row) {
    double sum = 0;
    for (std::size_t j = 0; j < 6; ++j) sum += found[0](row, j);
    CHECK_THAT(sum, Catch::Matchers::WithinAbs(1, bar));
    CHECK_THAT(found[0](row, 0), Catch::Matchers::WithinAbs(0.66524095577482189, bar));
  }
  CHECK(all_finite(found[0]));
  CHECK(all_finite(found[1]));
}

template <class Scalar>
void check_log_sum_exp() {
  const Numbers x{{-infinity, -infinity}, {1000, 1000}};
  const auto found = value_and_cotangent<Scalar, log_sum_exp_of, Tensor<2, 2>, Tensor<2>>(x, {1, 1});
  CHECK(found[0](0) == -infinity);
  CHECK_THAT(found[0](1), Catch::Matchers::WithinRel(1000 + std::log(2.0), 1e-7));
  CHECK((found[1] == Numbers{{0, 0}, {0.5, 0.5}}));
}

template <class Scalar>
void check_log_softmax() {
  const Numbers x{{-infinity, -infinity}, {0, -infinity}};
  const auto found =
      value_and_cotangent<Scalar, log_softmax_of, Tensor<2, 2>, Tensor<2, 2>>(x, {{0, 0}, {1, 0}});
  CHECK((found[0] == Numbers{{-infinity, -infinity}, {0, -infinity}}));
  CHECK((found[1] == Numbers{{0, 0}, {0, 0}}));
}

}  // namespace

TEST_CASE("a fully masked row has softmax 0 and takes no gradient", "[ops]") {
  check_masked_row<double>();
  check_masked_row<float>();
}

TEST_CASE("softmax of [36, 10000] with the second masked has gradient exactly 0", "[ops]") {
  check_masked_second<double>();
  check_masked_second<float>();
}

TEST_CASE("softmax of rows far up, far down and of the lowest numbers is finite and sums to 1", "[ops]") {
  check_extreme_rows<double>();
  check_extreme_rows<float>();
}

TEST_CASE("log-sum-exp of -inf alone is -inf with gradient 0, and 1000 does not overflow", "[ops]") {
  check_log_sum_exp<double>();
  check_log_sum_exp<float>();
}

TEST_CASE("log-softmax of -inf alone is -inf, never NaN", "[ops]") {
  check_log_softmax<double>();
  check_log_softmax<float>();
}

}  // namespace ctgrad::test
