#include <support/catch.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/nn/attention.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

#include <algorithm>
#include <cmath>

/// Sums of millions of numbers in float: their rounding errors do not grow with their length.
namespace ctgrad::test {

namespace {

/// 2^25, the length of the longest sums.
constexpr Size many = Size{1} << 25;
constexpr double tenth = static_cast<double>(0.1F);
constexpr double tenths(Size count) { return static_cast<double>(count) * tenth; }

/// An array of equal numbers, as a program takes it.
template <class X>
std::vector<std::byte> of_equal(double number) {
  using Element = runtime::ElementOf<X::kind, float>;
  std::vector<std::byte> bytes(static_cast<std::size_t>(X::size) * sizeof(Element));
  std::fill_n(reinterpret_cast<Element*>(bytes.data()), X::size, static_cast<Element>(number));
  return bytes;
}

/// Says of every output whether it is `expected` throughout, of a function of arrays of equal numbers.
template <auto Function, class... X, std::size_t Outputs>
void check_outputs(const double (&numbers)[sizeof...(X)], const double (&expected)[Outputs],
                   double bar = 1e-6) {
  std::size_t next = 0;
  const std::vector<std::byte> arrays[] = {of_equal<X>(numbers[next++])...};
  const void* inputs[sizeof...(X)];
  for (std::size_t i = 0; i < sizeof...(X); ++i) inputs[i] = arrays[i].data();
  runtime::Machine<float, runtime::Trace<Function, X...>> machine;
  machine.run(inputs, [](std::int32_t) { return ""; });
  for (std::size_t i = 0; i < Outputs; ++i) {
    const auto* output = reinterpret_cast<const float*>(machine.output(i));
    const Size size = machine.output_types[i].shape.size();
    INFO("output " << i);
    CHECK_THAT(static_cast<double>(output[0]), Catch::Matchers::WithinRel(expected[i], bar));
    CHECK(std::abs(output[size - 1]) == std::abs(output[0]));
  }
}

template <auto Function, class X>
void check(double number, double expected) {
  check_outputs<Function, X>({number}, {expected});
}

constexpr auto sum_all = [](auto x) { return sum(x); };
constexpr auto sum_columns = [](auto x) { return sum<0>(x); };
constexpr auto sum_rows = [](auto x) { return sum<1>(x); };
constexpr auto sum_around = [](auto x) { return sum<0, 2>(x); };
constexpr auto root_mean_square = [](auto x) { return sqrt(mean(square(x))); };
constexpr auto norm_of_all = [](auto x) { return norm(x); };
constexpr auto squared_columns = [](auto x) { return sum<0>(square(x)); };

constexpr auto mean_loss = [](auto x, auto targets) { return cross_entropy(x, targets); };
constexpr auto scattered = [](auto rows, auto ids) { return scatter_add<1, 2>(rows, ids); };
constexpr auto product = [](auto a, auto b) { return matmul(a, b); };
constexpr auto by_transposed = [](auto a, auto b) { return matmul(a, transpose(b)); };
constexpr auto attended = [](auto q, auto k, auto v) { return attention(q, k, v); };
constexpr auto linear_loss = value_and_grad<0, 1>([](auto bias, auto weight, auto x, auto targets) {
  return cross_entropy(matmul(x, weight) + bias, targets);
});

}  // namespace

TEST_CASE("a sum of 2^25 numbers of 0.1 is within 1e-6", "[ops]") {
  check<sum_all, Tensor<many>>(0.1, tenths(many));
  check<sum_columns, Tensor<many, 1>>(0.1, tenths(many));
  check<root_mean_square, Tensor<many>>(0.1, tenth);
  check<norm_of_all, Tensor<many>>(0.1, std::sqrt(static_cast<double>(many)) * tenth);
}

TEST_CASE("sums of 2^20 to 2^23 numbers along any axes are within 1e-6", "[ops]") {
  check<sum_columns, Tensor<many / 4, 4>>(0.1, tenths(many / 4));
  check<sum_rows, Tensor<4, many / 32>>(0.1, tenths(many / 32));
  check<sum_around, Tensor<many / 512, 2, 64>>(0.1, tenths(many / 8));
  check<squared_columns, Tensor<many / 32, 3>>(0.1, tenths(many / 32) * tenth);
  check<sum_columns, Tensor<1000, 20000>>(0.1, 1000 * tenth);
}

TEST_CASE("a mean of 2^20 losses is within 1e-6", "[ops]") {
  constexpr Size rows = many / 32;
  check_outputs<mean_loss, Tensor<rows, 3>, Index<rows>>({0.3, 1}, {std::log(3.0)});
}

TEST_CASE("the gradients of a linear layer and its cross-entropy over 2^20 rows are within 1e-6", "[ops]") {
  constexpr Size rows = many / 32;
  check_outputs<linear_loss, Tensor<2>, Tensor<1, 2>, Tensor<rows, 1>, Index<rows>>(
      {0.1, 0.3, 0.1, 1}, {std::log(2.0), 0.5, tenth / 2});
}

TEST_CASE("the rows of an id that comes 2^20 times are summed up within 1e-6", "[ops]") {
  constexpr Size rows = many / 32;
  check_outputs<scattered, Tensor<rows, 2>, Index<rows>>({0.1, 0}, {tenths(rows)});
}

/// One product after the other is added to a sum in registers, in blocks of 512: their errors are those of a
/// short product.
TEST_CASE("products along 2^20 numbers are as exact as along 512", "[ops]") {
  constexpr Size inner = many / 32 + 7;
  constexpr double expected = tenths(inner);
  check_outputs<product, Tensor<1, inner>, Tensor<inner, 1>>({0.1, 1}, {expected});
  check_outputs<product, Tensor<4, inner>, Tensor<inner, 17>>({0.1, 1}, {expected}, 5e-6);
  check_outputs<by_transposed, Tensor<7, inner>, Tensor<3, inner>>({0.1, 1}, {expected}, 5e-6);
  check_outputs<attended, Tensor<1, 4>, Tensor<inner, 4>, Tensor<inner, 4>>({0.1, 0.3, 0.1}, {tenth}, 5e-6);
}

}  // namespace ctgrad::test
