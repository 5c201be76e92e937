#include <ctgrad/runtime/trace.hpp>

#include <support/catch.hpp>
#include <support/compute.hpp>

namespace ctgrad::test {

namespace {

template <auto Function, class... Arguments>
using DoubleMachine = runtime::Machine<double, runtime::Trace<Function, Arguments...>>;

constexpr auto chain = [](auto x) { return tanh(tanh(tanh(tanh(tanh(tanh(x)))))); };
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

}  // namespace

TEST_CASE("a chain of values needs the memory of two, beside the result", "[graph]") {
  using Machine = DoubleMachine<chain, Tensor<16>>;
  STATIC_REQUIRE(Machine::plan.output_bytes == 128);
  STATIC_REQUIRE(Machine::plan.arena_bytes == 3 * 128);
  STATIC_REQUIRE(Machine::plan.lower_bound == 3 * 128);
}

TEST_CASE("equal steps share a kernel", "[graph]") {
  using Machine = DoubleMachine<repeated_layers, Tensor<4, 4>, Tensor<4, 4>>;
  STATIC_REQUIRE(Machine::plan.step_count == 5);
  int distinct = 0;
  for (std::size_t i = 0; i < Machine::plan.step_count; ++i)
    distinct += Machine::plan.steps[i].kernel == static_cast<std::int32_t>(i) ? 1 : 0;
  CHECK(distinct == 2);
}

TEST_CASE("what depends on no input is computed once", "[graph]") {
  using Machine = DoubleMachine<with_constant, Tensor<2, 3>>;
  STATIC_REQUIRE(Machine::plan.constants == 2);
  STATIC_REQUIRE(Machine::plan.step_count == 3);
  const Numbers found = compute<double, with_constant, Tensor<2, 3>>({Numbers({2, 3}, 1.0)})[0];
  for (const double number : found) CHECK(number == 1 + std::exp(1.0));
}

TEST_CASE("a broadcast column is read through strides, without a copy of it", "[graph]") {
  using Machine = DoubleMachine<scaled, Tensor<2, 1>, Tensor<2, 3>>;
  STATIC_REQUIRE(Machine::plan.step_count == 1);
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
