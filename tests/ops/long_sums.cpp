#include <support/catch.hpp>

#include <ctgrad/autodiff/vjp.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

#include <cmath>

/// Sums of millions of numbers in float: their rounding errors do not grow with their length.
namespace ctgrad::test {

namespace {

/// 2^25, the length of the longest sums.
constexpr Size many = Size{1} << 25;
constexpr double tenth = static_cast<double>(0.1F);

/// Output 0 of a function of one tensor that holds `number` everywhere.
template <auto Function, class X, class Scalar = float>
std::vector<double> of_equal(double number) {
  const std::vector<Scalar> x(X::size, static_cast<Scalar>(number));
  const void* inputs[] = {x.data()};
  runtime::Machine<Scalar, runtime::Trace<Function, X>> machine;
  machine.run(inputs, [](std::int32_t) { return ""; });
  const auto* output = reinterpret_cast<const Scalar*>(machine.output(0));
  return {output, output + machine.output_types[0].shape.size()};
}

template <auto Function, class X>
void check(double number, double expected) {
  const std::vector<double> found = of_equal<Function, X>(number);
  CHECK_THAT(found.front(), Catch::Matchers::WithinRel(expected, 1e-6));
  CHECK(found.back() == found.front());
}

constexpr auto sum_all = [](auto x) { return sum(x); };
constexpr auto sum_columns = [](auto x) { return sum<0>(x); };
constexpr auto sum_rows = [](auto x) { return sum<1>(x); };
constexpr auto sum_around = [](auto x) { return sum<0, 2>(x); };
constexpr auto root_mean_square = [](auto x) { return sqrt(mean(square(x))); };
constexpr auto squared_columns = [](auto x) { return sum<0>(square(x)); };

}  // namespace

TEST_CASE("a sum of 2^25 numbers of 0.1 is within 1e-6", "[ops]") {
  check<sum_all, Tensor<many>>(0.1, static_cast<double>(many) * tenth);
  check<sum_columns, Tensor<many, 1>>(0.1, static_cast<double>(many) * tenth);
  check<root_mean_square, Tensor<many>>(0.1, tenth);
}

TEST_CASE("sums of 2^20 to 2^23 numbers along any axes are within 1e-6", "[ops]") {
  check<sum_columns, Tensor<many / 4, 4>>(0.1, static_cast<double>(many / 4) * tenth);
  check<sum_rows, Tensor<4, many / 32>>(0.1, static_cast<double>(many / 32) * tenth);
  check<sum_around, Tensor<many / 512, 2, 64>>(0.1, static_cast<double>(many / 8) * tenth);
  check<squared_columns, Tensor<many / 32, 3>>(0.1, static_cast<double>(many / 32) * tenth * tenth);
  check<sum_columns, Tensor<1000, 20000>>(0.1, 1000 * tenth);
}

}  // namespace ctgrad::test
