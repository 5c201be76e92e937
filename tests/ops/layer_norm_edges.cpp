#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/vjp.hpp>

#include <cmath>

/// What layer normalisation owes to rows far from 0.
namespace ctgrad::test {

namespace {

constexpr double epsilon = 1e-6;
constexpr auto normalized = [](auto x) { return normalize(x, epsilon); };
constexpr auto by_deviation = [](auto x) { return normalize(x, 0); };
using Rows = Tensor<4, 8>;

/// The exact result for a row, its numbers rounded to the scalar type first.
std::vector<long double> exact(const std::vector<long double>& row) {
  const auto count = static_cast<long double>(row.size());
  long double mean = 0;
  for (const long double x : row) mean += x / count;
  long double variance = 0;
  for (const long double x : row) variance += (x - mean) * (x - mean) / count;
  std::vector<long double> result;
  for (const long double x : row)
    result.push_back((x - mean) / std::sqrt(variance + static_cast<long double>(epsilon)));
  return result;
}

template <class Scalar>
void check_far_rows(double bar) {
  constexpr double means[] = {0, 100, 1e3, 1e4};
  Numbers x(extents(Rows::shape));
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t i = 0; i < 8; ++i)
      x(row, i) = static_cast<double>(static_cast<Scalar>(means[row] + static_cast<double>(i) * 1e-3));
  }
  const auto found = compute<Scalar, vjp(normalized), Rows, Rows>({x, Numbers(extents(Rows::shape), 1.0)});
  for (std::size_t row = 0; row < 4; ++row) {
    INFO("mean " << means[row]);
    const double* begin = x.data() + 8 * row;
    const std::vector<long double> expected = exact({begin, begin + 8});
    for (std::size_t i = 0; i < 8; ++i)
      CHECK_THAT(found[0](row, i), Catch::Matchers::WithinAbs(static_cast<double>(expected[i]), bar));
  }
}

template <class Scalar>
void check_million() {
  const auto found = compute<Scalar, normalized, Tensor<3>>({{1e6, 1e6 + 1, 1e6 + 2}});
  const double end = 1 / std::sqrt(2.0 / 3 + epsilon);
  CHECK_THAT(found[0](0), Catch::Matchers::WithinAbs(-end, 1e-6));
  CHECK(found[0](1) == 0);
  CHECK_THAT(found[0](2), Catch::Matchers::WithinAbs(end, 1e-6));
}

/// Variance 0: y is 0 and the gradient (u - mean(u)) / sqrt(epsilon).
template <class Scalar>
void check_constant_rows() {
  Numbers x(extents(Rows::shape));
  Numbers u(extents(Rows::shape));
  constexpr double constants[] = {0, 0.1, -1e4, 1e6};
  for (std::size_t i = 0; i < x.size(); ++i) {
    x.data()[i] = constants[i / 8];
    u.data()[i] = i % 8 == 0 ? 8 : 0;
  }
  const auto found = compute<Scalar, vjp(normalized), Rows, Rows>({x, u});
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK_THAT(found[0].data()[i], Catch::Matchers::WithinAbs(0, 1e-9));
    CHECK_THAT(found[1].data()[i], Catch::Matchers::WithinRel(i % 8 == 0 ? 7e3 : -1e3, 1e-6));
  }
}

/// {1, 2, 3, 5} times `factor`, and its gradient by a cotangent that is not along it.
template <class Scalar, auto Function>
void check_scaled_row(double factor, double bar) {
  INFO("times " << factor);
  const Numbers x{1, 2, 3, 5};
  const Numbers u{1, -1, 0.5, 2};
  const auto plain = compute<double, vjp(by_deviation), Tensor<4>, Tensor<4>>({x, u});
  const auto found = compute<Scalar, vjp(Function), Tensor<4>, Tensor<4>>({x * factor, u});
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK_THAT(found[0](i), Catch::Matchers::WithinRel(plain[0](i), bar));
    CHECK_THAT(found[1](i) * factor, Catch::Matchers::WithinRel(plain[1](i), bar));
  }
}

}  // namespace

TEST_CASE("rows whose squares overflow or vanish are normalised like others", "[ops]") {
  for (const double factor : {1.0, 1e18, 1e19, 3e37, 1e-18, 1e-30})
    check_scaled_row<float, by_deviation>(factor, 1e-5);
  for (const double factor : {1e153, 1e160, 3e307, 1e-160, 1e-300})
    check_scaled_row<double, by_deviation>(factor, 1e-13);
  check_scaled_row<float, normalized>(1e19, 1e-5);
  const auto mixed = compute<float, normalized, Tensor<4>>({{3e38, -3e38, 3e38, -3e38}});
  CHECK_THAT(mixed[0](0), Catch::Matchers::WithinRel(1.0, 1e-6));
  CHECK_THAT(mixed[0](1), Catch::Matchers::WithinRel(-1.0, 1e-6));
  const auto tiny = compute<float, normalized, Tensor<4>>({{1e-30, 2e-30, 3e-30, 5e-30}});
  CHECK_THAT(tiny[0](3), Catch::Matchers::WithinRel(2.25e-27, 1e-5));  // epsilon is all of the variance
}

TEST_CASE("a row with a number that is not finite is not normalised to finite ones", "[ops]") {
  for (const double number : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    const auto found = compute<float, normalized, Tensor<4>>({{1, number, 3, 5}});
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::isnan(found[0](i)));
  }
}

TEST_CASE("a row's distance from 0 costs its normalisation no digits", "[ops]") {
  check_far_rows<double>(1e-14);
  check_far_rows<float>(1e-6);
}

TEST_CASE("[1e6, 1e6 + 1, 1e6 + 2] is normalised to [-1.22, 0, 1.22]", "[ops]") {
  check_million<double>();
  check_million<float>();
}

TEST_CASE("constant rows are normalised to 0 with finite gradients", "[ops]") {
  check_constant_rows<double>();
  check_constant_rows<float>();
}

}  // namespace ctgrad::test
