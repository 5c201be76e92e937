#include <ctgrad/kernels/erf.hpp>
#include <ctgrad/kernels/hyperbolic.hpp>
#include <ctgrad/kernels/log.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

/// The functions of one number against the standard library's in a wider type: over all magnitudes, at the
/// ends of their ranges, and side by side in vectors as one by one.
namespace ctgrad::test {

namespace {

using Exact = long double (*)(long double);

/// The points a function is looked at: from `first` to `last`, where its results are normal numbers.
struct Range {
  double first, last;
};

/// A function of `kernels`, what it should be, and the units of the last place it may be off by.
template <class Function>
struct Case {
  const char* name;
  Function function;
  Exact exact;
  Range in_float, in_double;
  double bar;
};
template <class Function>
Case(const char*, Function, Exact, Range, Range, double) -> Case<Function>;

/// A case's function of every point, in a loop that the compiler makes vector code of.
template <class T, class Function>
CTGRAD_NOINLINE std::vector<T> side_by_side(const std::vector<T>& points, Function function) {
  std::vector<T> results(points.size());
  const T* __restrict x = points.data();
  T* __restrict y = results.data();
  for (std::size_t i = 0; i < points.size(); ++i) y[i] = function(x[i]);
  return results;
}

template <class T, class Function>
CTGRAD_NOINLINE T one_alone(T x, Function function) {
  return function(x);
}

/// How far apart numbers of this size are.
template <class T>
long double unit_of(long double number) {
  using Limits = std::numeric_limits<T>;
  return std::ldexp(1.0L, std::max(std::ilogb(number), Limits::min_exponent - 1) - Limits::digits + 1);
}

/// Points at equal distances, and points of all magnitudes of both signs, within a range.
template <class T>
std::vector<T> points_in(Range range) {
  constexpr int count = 60000;
  std::vector<T> points;
  const auto add = [&](double point) {
    if (point >= range.first && point <= range.last) points.push_back(static_cast<T>(point));
  };
  const double smallest = std::numeric_limits<T>::min_exponent - 1;
  const double largest = std::log2(std::max(std::abs(range.first), std::abs(range.last)));
  for (int i = 0; i <= count; ++i) {
    const double part = static_cast<double>(i) / count;
    add(range.first + (range.last - range.first) * part);
    add(std::exp2(smallest + (largest - smallest) * part));
    add(-std::exp2(smallest + (largest - smallest) * part));
    add(std::exp2(12 * part - 10));
    add(-std::exp2(12 * part - 10));
  }
  return points;
}

/// Of all results' bits, in which lane they came about or not.
std::uint64_t& all_bits() {
  static std::uint64_t bits = 0;
  return bits;
}

template <class T>
void take_bits(T number) {
  all_bits() = (all_bits() ^ std::bit_cast<typename kernels::Format<T>::Bits>(number)) * 0x100000001B3;
}

/// The largest error in units of the last place.
template <class T, class Function>
double largest_error(const Case<Function>& of, Range range) {
  const std::vector<T> points = points_in<T>(range);
  const std::vector<T> found = side_by_side(points, of.function);
  double largest = 0;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto truth = of.exact(static_cast<long double>(points[i]));
    const long double error = std::abs(static_cast<long double>(found[i]) - truth) / unit_of<T>(truth);
    if (truth != 0) largest = std::max(largest, static_cast<double>(error));
    if (!(error <= static_cast<long double>(of.bar)))
      INFO(of.name << " of " << points[i] << " is " << found[i]);
    differing += found[i] == one_alone(points[i], of.function) ? 0U : 1U;
    take_bits(found[i]);
  }
  INFO(of.name);
  CHECK(differing == 0);
  return largest;
}

/// At numbers where a function's value is known without rounding, and where it leaves the numbers.
template <class T, class Function>
void check_special(const Case<Function>& of) {
  using Limits = std::numeric_limits<T>;
  for (const T x :
       {T{0}, -T{0}, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max(),
        Limits::lowest(), Limits::denorm_min(), -Limits::denorm_min(), Limits::min(), -Limits::min()}) {
    const T found = one_alone(x, of.function);
    const T exact = static_cast<T>(of.exact(static_cast<long double>(x)));
    INFO(of.name << " of " << x << " is " << found << ", expected " << exact);
    if (std::isnan(exact)) {
      CHECK(std::isnan(found));
    } else if (std::isinf(exact) || exact == 0) {
      CHECK(found == exact);
      CHECK(std::signbit(found) == std::signbit(exact));
    } else {
      CHECK(std::abs(found - exact) <=
            static_cast<T>(of.bar * static_cast<double>(unit_of<T>(static_cast<long double>(exact)))));
    }
  }
}

template <class Function>
void check(const Case<Function>& of) {
  const double in_float = largest_error<float>(of, of.in_float);
  const double in_double = largest_error<double>(of, of.in_double);
  CHECK(in_float <= of.bar);
  CHECK(in_double <= of.bar);
  std::printf("figure: %s in float %.2f, in double %.2f units of the last place (bar %g)\n", of.name,
              in_float, in_double, of.bar);
}

template <class Function>
void check_all(const Case<Function>& of) {
  check(of);
  check_special<float>(of);
  check_special<double>(of);
}

#define CTGRAD_FUNCTION(name) [](auto x) CTGRAD_INLINED { return kernels::name(x); }

}  // namespace

TEST_CASE("exponentials keep within their bars at all magnitudes", "[kernels]") {
  check_all(Case{"exp",
                 CTGRAD_FUNCTION(exp),
                 [](long double x) { return std::exp(x); },
                 {-103, 88.7},
                 {-744, 709.7},
                 1.1});
  check(Case{"exp_nonpositive",
             CTGRAD_FUNCTION(exp_nonpositive),
             [](long double x) { return std::exp(x); },
             {-87.3, 0},
             {-708.3, 0},
             1.1});
  check_all(Case{"expm1",
                 CTGRAD_FUNCTION(expm1),
                 [](long double x) { return std::expm1(x); },
                 {-110, 88.7},
                 {-750, 709.7},
                 2});
  check(Case{"expm1_nonpositive",
             CTGRAD_FUNCTION(expm1_nonpositive),
             [](long double x) { return std::expm1(x); },
             {-110, 0},
             {-750, 0},
             2});
}

TEST_CASE("hyperbolic functions and the logistic one keep within their bars", "[kernels]") {
  check_all(Case{"sinh",
                 CTGRAD_FUNCTION(sinh),
                 [](long double x) { return std::sinh(x); },
                 {-89.4, 89.4},
                 {-710.4, 710.4},
                 3});
  check_all(Case{"cosh",
                 CTGRAD_FUNCTION(cosh),
                 [](long double x) { return std::cosh(x); },
                 {-89.4, 89.4},
                 {-710.4, 710.4},
                 2});
  check_all(Case{
      "tanh", CTGRAD_FUNCTION(tanh), [](long double x) { return std::tanh(x); }, {-30, 30}, {-50, 50}, 3});
  check_all(Case{"sigmoid",
                 CTGRAD_FUNCTION(sigmoid),
                 [](long double x) { return 1 / (1 + std::exp(-x)); },
                 {-87.3, 90},
                 {-708.3, 710},
                 2.5});
}

TEST_CASE("logarithms keep within their bars", "[kernels]") {
  constexpr auto max_float = static_cast<double>(std::numeric_limits<float>::max());
  constexpr double max_double = std::numeric_limits<double>::max();
  constexpr Exact log1mexp = [](long double x) {
    return x < std::numbers::ln2_v<long double> ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x));
  };
  constexpr Exact softplus = [](long double x) {
    return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x)));
  };
  check_all(Case{"log",
                 CTGRAD_FUNCTION(log),
                 [](long double x) { return std::log(x); },
                 {0, max_float},
                 {0, max_double},
                 1});
  check_all(Case{"log1p",
                 CTGRAD_FUNCTION(log1p),
                 [](long double x) { return std::log1p(x); },
                 {-0.99999, max_float},
                 {-0.99999, max_double},
                 2});
  check(Case{"log1mexp", CTGRAD_FUNCTION(log1mexp), log1mexp, {0, 87.3}, {0, 708.3}, 3});
  check(Case{"softplus", CTGRAD_FUNCTION(softplus), softplus, {-87.3, max_float}, {-708.3, max_double}, 3});
}

TEST_CASE("error functions keep within their bars, far out as well", "[kernels]") {
  constexpr Exact cumulative = [](long double x) {
    return std::erfc(-x / std::numbers::sqrt2_v<long double>) / 2;
  };
  check_all(
      Case{"erf", CTGRAD_FUNCTION(erf), [](long double x) { return std::erf(x); }, {-10, 10}, {-30, 30}, 3});
  check_all(Case{"erfc",
                 CTGRAD_FUNCTION(erfc),
                 [](long double x) { return std::erfc(x); },
                 {-10, 10.05},
                 {-30, 27.2},
                 5});
  check_all(
      Case{"normal_cumulative", CTGRAD_FUNCTION(normal_cumulative), cumulative, {-14.1, 15}, {-38.4, 40}, 5});
}

TEST_CASE("odd functions are odd, even ones even", "[kernels]") {
  std::size_t differing = 0;
  for (const float x : points_in<float>({0, 100})) {
    differing += kernels::sinh(-x) == -kernels::sinh(x) ? 0U : 1U;
    differing += kernels::tanh(-x) == -kernels::tanh(x) ? 0U : 1U;
    differing += kernels::erf(-x) == -kernels::erf(x) ? 0U : 1U;
    differing += kernels::cosh(-x) == kernels::cosh(x) ? 0U : 1U;
  }
  CHECK(differing == 0);
  std::printf("bits: functions %016llx\n", static_cast<unsigned long long>(all_bits()));
}

}  // namespace ctgrad::test
