#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <limits>
#include <sstream>

/// As one prints who says nothing of ctgrad's namespace: before it is used.
template <class Result>
std::string printed(const Result& result) {
  std::ostringstream out;
  out << result;
  return out.str();
}

namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model, (nn::Linear<2, 3>, head));
};
constexpr auto loss = [](const auto& model, auto x) { return sum(model.head(x)); };
constexpr auto scalars = [](auto x) {
  return std::tuple{sum(x), mean(x), std::array{sum(x), mean(x)}, std::tuple{max(x)}};
};
constexpr auto several = [](auto x) {
  return std::tuple{x * 0.5, sum(x), x > 1, std::array{iota<2>(), iota<2>()}};
};

}  // namespace

TEST_CASE("arrays print in braces, a line for each row, long axes shortened") {
  std::array<float, 40> numbers{};
  std::iota(numbers.begin(), numbers.end(), 0.F);
  const auto of_shape = [&](auto... extents) {
    return printed(ResultArray<float, sizeof...(extents)>(numbers.data(), {std::size_t(extents)...}));
  };
  CHECK(of_shape(3) == "{0, 1, 2}");
  CHECK(of_shape(2, 3) == "{{0, 1, 2},\n {3, 4, 5}}");
  CHECK(of_shape(2, 1, 2) == "{{{0, 1}},\n {{2, 3}}}");
  CHECK(of_shape(1, 2, 2) == "{{{0, 1},\n  {2, 3}}}");
  CHECK(of_shape(12) == "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}");
  CHECK(of_shape(13) == "{0, 1, 2, ..., 10, 11, 12}");
  CHECK(of_shape(20, 2) == "{{0, 1},\n {2, 3},\n {4, 5},\n ...,\n {34, 35},\n {36, 37},\n {38, 39}}");
  CHECK(of_shape(2, 0) == "{{},\n {}}");
  CHECK(of_shape(0) == "{}");
  numbers[1] = -std::numeric_limits<float>::quiet_NaN();
  CHECK(of_shape(3) == "{0, nan, 2}");
}

TEST_CASE("every kind of result prints, of a program and of a temporary one") {
  Program<several, Tensor<2, 2>> program;
  const xt::xtensor<float, 2> x = {{1, 2}, {3, 4}};
  const std::string expected =
      "0: {{0.5, 1},\n    {1.5, 2}}\n"
      "1: 10\n"
      "2: {{false, true},\n    {true, true}}\n"
      "3:\n  0: {0, 1}\n  1: {0, 1}";
  CHECK(printed(program(x)) == expected);
  CHECK(printed(Program<several, Tensor<2, 2>>{}(x)) == expected);
}

TEST_CASE("several scalars print, and are a std::tuple") {
  Program<scalars, Tensor<2>> program;
  const xt::xtensor<float, 1> x = {1, 3};
  CHECK(printed(program(x)) == "0: 4\n1: 2\n2:\n  0: 4\n  1: 2\n3:\n  0: 3");
  CHECK(printed(std::get<2>(program(x))) == "0: 4\n1: 2");
  const auto [total, average, array, largest] = program(x);
  float again = 0;
  std::tie(again, std::ignore, std::ignore, std::ignore) = program(x);
  const std::tuple<float, float, std::array<float, 2>, std::tuple<float>> copy = program(x);
  CHECK(total == 4);
  CHECK(again == 4);
  CHECK(average == std::get<1>(copy));
  CHECK(array == std::get<2>(copy));
  CHECK(largest == std::get<3>(copy));
  CHECK(std::apply([](float a, float b, auto, auto) { return a + b; }, program(x)) == 6);
}

TEST_CASE("parameters and gradients print a line for each array, with its name and shape") {
  Parameters<Model> parameters{Seed{1}};
  parameters["head.weight"] = xt::xtensor<float, 2>{{1, 0, 2}, {0.5, -1, 0}};
  CHECK(printed(parameters) == "head.weight [2, 3]: 1, 0, 2, 0.5, -1, 0\nhead.bias [3]: 0, 0, 0");
  CHECK(printed(parameters["head.weight"]) == "{{1, 0, 2},\n {0.5, -1, 0}}");

  Program<value_and_grad(loss), Model, Tensor<1, 2>> step;
  const xt::xtensor<float, 2> x = {{1, 2}};
  const std::string expected =
      "value: 2\ngradients:\n  head.weight [2, 3]: 1, 1, 1, 2, 2, 2\n  head.bias [3]: 1, 1, 1";
  CHECK(printed(step(parameters, x)) == expected);
  CHECK(printed(Program<value_and_grad(loss), Model, Tensor<1, 2>>{}(parameters, x)) == expected);
  CHECK(printed(State<Model>(step.result().gradients)) == printed(step.result().gradients));
}
