#include <ctgrad/runtime/trace.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>

namespace ctgrad::test {

namespace {

template <auto Function, class... Arguments>
using DoubleMachine = runtime::Machine<double, runtime::Trace<Function, Arguments...>>;

constexpr auto chain = [](auto x) { return softmax(softmax(softmax(softmax(softmax(softmax(x)))))); };
constexpr auto repeated_layers = [](auto x, auto w) {
  return matmul(tanh(matmul(tanh(matmul(x, w)), w)), w);
};
constexpr auto with_constant = [](auto x) { return x + exp(beside(x, constant<2, 3>(1.0))); };
constexpr auto nested_broadcast = [](auto x) {
  const auto columns = broadcast<2, 1>(x);
  return broadcast<2, 3>(columns) + broadcast<2, 3>(columns);
};
constexpr auto scaled = [](auto column, auto matrix) { return column * matrix; };
constexpr auto given_twice = [](auto x) {
  const auto y = exp(x);
  return std::tuple{y, y, x, reshape<3, 2>(y)};
};

/// A value that two things take, one of which is no neighbour.
constexpr auto shared = [](auto x) {
  const auto y = exp(x) + 1;
  return std::tuple{y * x, sum(y)};
};
constexpr auto dense_layer = [](auto x, auto w, auto bias, auto residual) {
  return relu(matmul(x, w) + bias) + residual;
};
constexpr auto two_products = [](auto x, auto w) { return tanh(matmul(x, w) * matmul(w, x)); };
constexpr auto by_rows = [](auto x, auto w, auto b) { return matmul(x, w) * reshape<2, 1, 4>(b); };

/// How many calls a function takes, with these passes.
template <auto Function, class... Arguments>
constexpr std::size_t calls = DoubleMachine<Function, Arguments...>::plan.call_count;

/// The largest difference between a function's program and the one without passes.
template <auto Function, class... Arguments>
double optimised_error(const std::vector<Numbers>& inputs) {
  const auto plain = compute<double, optimize<no_passes>(Function), Arguments...>(inputs);
  const auto found = compute<double, Function, Arguments...>(inputs);
  double largest = 0;
  for (std::size_t i = 0; i < plain.size(); ++i)
    largest = std::max(largest, error_between(found[i], plain[i], 1e-14));
  return largest;
}

/// Numbers that are no two the same.
Numbers varied(const std::vector<std::size_t>& shape, double begin) {
  Numbers numbers(shape);
  for (double& number : numbers) number = std::sin(begin += 1.7);
  return numbers;
}

}  // namespace

TEST_CASE("neighbours that work element by element are one call, and read every operand once", "[graph]") {
  constexpr auto f = [](auto x, auto y) { return tanh(2 * x + y) * x - exp(y) / 3; };
  using X = Tensor<2, 3>;
  using Y = Tensor<3>;
  STATIC_REQUIRE(calls<f, X, Y> == 2);  // exp(y) is smaller: computed once, not for every row
  STATIC_REQUIRE(calls<optimize<Optimize{.elementwise = false}>(f), X, Y> == 7);
  CHECK(optimised_error<f, X, Y>({varied({2, 3}, 1), varied({3}, 2)}) < 1e-15);
}

TEST_CASE("a value that something else needs too is a call of its own", "[graph]") {
  STATIC_REQUIRE(calls<shared, Tensor<6>> == 3);
  CHECK(optimised_error<shared, Tensor<6>>({varied({6}, 1)}) < 1e-15);
}

TEST_CASE("what follows a matrix product element by element is done tile by tile", "[graph]") {
  using X = Tensor<3, 2, 5>;
  STATIC_REQUIRE(calls<dense_layer, X, Tensor<5, 7>, Tensor<7>, Tensor<3, 2, 7>> == 1);
  CHECK(optimised_error<dense_layer, X, Tensor<5, 7>, Tensor<7>, Tensor<3, 2, 7>>(
            {varied({3, 2, 5}, 1), varied({5, 7}, 2), varied({7}, 3), varied({3, 2, 7}, 4)}) < 1e-14);
  STATIC_REQUIRE(calls<two_products, Tensor<4, 4>, Tensor<4, 4>> == 2);
  CHECK(optimised_error<two_products, Tensor<4, 4>, Tensor<4, 4>>({varied({4, 4}, 1), varied({4, 4}, 2)}) <
        1e-14);
}

TEST_CASE("an operand without one stride from row to row keeps a product by itself", "[graph]") {
  using X = Tensor<2, 3, 5>;
  STATIC_REQUIRE(calls<by_rows, X, Tensor<5, 4>, Tensor<2, 4>> == 2);
  CHECK(optimised_error<by_rows, X, Tensor<5, 4>, Tensor<2, 4>>(
            {varied({2, 3, 5}, 1), varied({5, 4}, 2), varied({2, 4}, 3)}) < 1e-14);
}

TEST_CASE("a chain of values needs the memory of two, beside the result", "[graph]") {
  using Machine = DoubleMachine<optimize<Optimize{.elementwise = false}>(chain), Tensor<16>>;
  STATIC_REQUIRE(Machine::plan.output_bytes == 128);
  STATIC_REQUIRE(Machine::plan.arena_bytes == 3 * 128);
  STATIC_REQUIRE(Machine::plan.lower_bound == 3 * 128);
}

TEST_CASE("equal calls share a kernel", "[graph]") {
  using Machine = DoubleMachine<repeated_layers, Tensor<4, 4>, Tensor<4, 4>>;
  STATIC_REQUIRE(Machine::plan.call_count == 3);
  int distinct = 0;
  for (std::size_t i = 0; i < Machine::plan.call_count; ++i)
    distinct += Machine::plan.calls[i].kernel == static_cast<std::int32_t>(i) ? 1 : 0;
  CHECK(distinct == 2);
}

TEST_CASE("what depends on no input is computed once", "[graph]") {
  using Machine = DoubleMachine<with_constant, Tensor<2, 3>>;
  STATIC_REQUIRE(Machine::plan.constants == 1);
  STATIC_REQUIRE(Machine::plan.call_count == 2);
  const Numbers found = compute<double, with_constant, Tensor<2, 3>>({Numbers({2, 3}, 1.0)})[0];
  for (const double number : found) CHECK(number == 1 + kernels::exp(1.0));
}

TEST_CASE("a broadcast column is read through strides, without a copy of it", "[graph]") {
  using Machine = DoubleMachine<scaled, Tensor<2, 1>, Tensor<2, 3>>;
  STATIC_REQUIRE(Machine::plan.call_count == 1);
  Numbers column({2, 1}, 2.0);
  column(1, 0) = 3;
  const Numbers matrix{{1, 2, 3}, {4, 5, 6}};
  const Numbers found = compute<double, scaled, Tensor<2, 1>, Tensor<2, 3>>({column, matrix})[0];
  CHECK((found == Numbers{{2, 4, 6}, {12, 15, 18}}));
}

TEST_CASE("a broadcast of a broadcast reads the one number that there is", "[graph]") {
  const Numbers found = compute<double, nested_broadcast, Tensor<1, 1>>({Numbers({1, 1}, 4.0)})[0];
  CHECK((found == Numbers({2, 3}, 8.0)));
}

TEST_CASE("a result may be given twice, be an argument, or be another one's view", "[graph]") {
  const std::vector<Numbers> found = compute<double, given_twice, Tensor<2, 3>>({Numbers({2, 3}, 0.0)});
  CHECK((found[0] == Numbers({2, 3}, 1.0)));
  CHECK((found[1] == Numbers({2, 3}, 1.0)));
  CHECK((found[2] == Numbers({2, 3}, 0.0)));
  CHECK((found[3] == Numbers({3, 2}, 1.0)));
}

}  // namespace ctgrad::test
