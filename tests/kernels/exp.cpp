#include <ctgrad/kernels/exp.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

/// The exponential against the standard library's in a wider type.
namespace ctgrad::test {

namespace {

/// The distance in units of the last place of the result.
template <class T, class Function>
double error_in_ulp(T x, const Function& function) {
  const long double truth = std::exp(static_cast<long double>(x));
  const T rounded = static_cast<T>(truth);
  const T unit = std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded;
  return static_cast<double>(std::abs(static_cast<long double>(function(x)) - truth) /
                             static_cast<long double>(unit));
}

template <class T, class Function>
double largest_error(T begin, T end, const Function& function) {
  constexpr int points = 400000;
  double largest = 0;
  for (int i = 0; i < points; ++i) {
    const T x = begin + (end - begin) * static_cast<T>(i) / static_cast<T>(points);
    largest = std::max(largest, error_in_ulp(x, function));
  }
  return largest;
}

constexpr auto exp_of = [](auto x) { return kernels::exp(x); };
constexpr auto exp_of_nonpositive = [](auto x) { return kernels::exp_nonpositive(x); };

}  // namespace

TEST_CASE("exp is within 1.1 units of the last place, down to the smallest numbers", "[kernels]") {
  const double in_float = largest_error(-103.9F, 88.7F, exp_of);
  const double in_double = largest_error(-745.0, 709.7, exp_of);
  CHECK(in_float < 1.1);
  CHECK(in_double < 1.1);
  std::printf("figure: exp in float %.2f, in double %.2f units of the last place (bar 1.1)\n", in_float,
              in_double);
}

TEST_CASE("exp_nonpositive is within 1.1 units of the last place", "[kernels]") {
  const double in_float = largest_error(-87.3F, 0.0F, exp_of_nonpositive);
  const double in_double = largest_error(-708.3, 0.0, exp_of_nonpositive);
  CHECK(in_float < 1.1);
  CHECK(in_double < 1.1);
  std::printf("figure: exp_nonpositive in float %.2f, in double %.2f units of the last place (bar 1.1)\n",
              in_float, in_double);
}

TEMPLATE_TEST_CASE("exp of special numbers", "[kernels]", float, double) {
  constexpr TestType infinity = std::numeric_limits<TestType>::infinity();
  CHECK(kernels::exp(TestType{0}) == 1);
  CHECK(kernels::exp(-TestType{0}) == 1);
  CHECK(kernels::exp(infinity) == infinity);
  CHECK(kernels::exp(-infinity) == 0);
  CHECK(std::isnan(kernels::exp(std::numeric_limits<TestType>::quiet_NaN())));
  CHECK(kernels::exp(TestType{1000}) == infinity);
  CHECK(kernels::exp(TestType{-1000}) == 0);
  CHECK(kernels::exp(std::numeric_limits<TestType>::max()) == infinity);
  CHECK(kernels::exp(std::numeric_limits<TestType>::lowest()) == 0);
}

TEMPLATE_TEST_CASE("exp_nonpositive of special numbers", "[kernels]", float, double) {
  constexpr TestType infinity = std::numeric_limits<TestType>::infinity();
  constexpr auto least = static_cast<TestType>(sizeof(TestType) == 4 ? -87.7 : -708.8);
  CHECK(kernels::exp_nonpositive(TestType{0}) == 1);
  CHECK(kernels::exp_nonpositive(-TestType{0}) == 1);
  CHECK(kernels::exp_nonpositive(-infinity) == 0);
  CHECK(kernels::exp_nonpositive(std::numeric_limits<TestType>::lowest()) == 0);
  CHECK(kernels::exp_nonpositive(least) == 0);
  CHECK(std::isnan(kernels::exp_nonpositive(std::numeric_limits<TestType>::quiet_NaN())));
}

}  // namespace ctgrad::test
