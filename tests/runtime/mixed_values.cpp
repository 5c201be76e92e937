#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <bit>

/// Programs of mixed precision compute what their parts compute in float, each value that is stored as bf16
/// being rounded once.
namespace {

using namespace ctgrad;

using X = Tensor<40, 24>;
using W = Tensor<24, 32>;
using Y = Tensor<40, 32>;
using V = Tensor<32, 20>;
using Square = Tensor<32, 32>;

using Matrix = xt::xtensor<float, 2>;

template <class T>
Matrix draw(std::uint64_t salt) {
  Matrix x = xt::zeros<float>(runtime::xtensor_shape<2>(T::shape));
  Random random{Seed{test::seed() + salt}};
  for (float& number : x) number = static_cast<float>(random.normal());
  return x;
}

/// A function's result in float, for arrays of these types.
template <auto Function, class... Arguments, class... Inputs>
Matrix in_float(const Inputs&... inputs) {
  return Program<Function, Arguments...>{}(inputs...);
}

/// The numbers as they are after they were stored.
Matrix rounded(Matrix x) {
  for (float& number : x) number = kernels::to_float(kernels::to_bf16(number));
  return x;
}

template <class Got, class Expected>
void check_bits(const Got& got, const Expected& expected) {
  REQUIRE(got.size() == expected.size());
  auto number = expected.begin();
  int wrong = 0;
  for (const float found : got) wrong += std::bit_cast<int>(found) != std::bit_cast<int>(*number++) ? 1 : 0;
  CHECK(wrong == 0);
}

constexpr auto product = [](auto x, auto w) { return matmul(x, w); };
constexpr auto layer = [](auto x, auto w) { return tanh(matmul(x, w)); };
constexpr auto weights = [](auto y) { return softmax(y); };
constexpr auto normed = [](auto y) { return normalize(y); };
constexpr auto attended = [](auto q, auto k, auto v) { return attention(q, k, v); };
constexpr auto turned = [](auto y) { return exp(transpose(y)) * 2; };
constexpr auto part = [](auto y) { return exp(slice<1, 3, 25>(slice<0, 7, 20>(y))); };
constexpr auto looked_up = [](auto y, auto ids) { return embedding(y, ids); };

}  // namespace

TEST_CASE("what a layer gives is rounded once before the next one reads it") {
  constexpr auto two = [](auto x, auto w, auto v) { return product(layer(x, w), v); };
  const auto x = draw<X>(1);
  const auto w = draw<W>(2);
  const auto v = draw<V>(3);
  const auto y = rounded(in_float<layer, X, W>(x, w));
  check_bits(MixedProgram<two, X, W, V>{}(x, w, v), in_float<product, Y, V>(y, v));
}

TEST_CASE("kernels by rows read bf16 and store it, and compute in float") {
  constexpr auto by_softmax = [](auto x, auto w, auto v) { return product(weights(product(x, w)), v); };
  constexpr auto by_norm = [](auto x, auto w, auto v) { return product(normed(product(x, w)), v); };
  const auto x = draw<X>(4);
  const auto w = draw<W>(5);
  const auto v = draw<V>(6);
  const auto y = rounded(in_float<product, X, W>(x, w));
  const auto of_softmax = rounded(in_float<weights, Y>(y));
  constexpr auto apart = optimize<Optimize{.attention = false}>(by_softmax);
  check_bits(MixedProgram<apart, X, W, V>{}(x, w, v), in_float<product, Y, V>(of_softmax, v));
  const auto of_norm = rounded(in_float<normed, Y>(y));
  check_bits(MixedProgram<by_norm, X, W, V>{}(x, w, v), in_float<product, Y, V>(of_norm, v));
}

TEST_CASE("attention reads its operands as bf16 and stores its weighted sums so") {
  constexpr auto f = [](auto x, auto a, auto b, auto c, auto v) {
    return product(attended(product(x, a), product(x, b), product(x, c)), v);
  };
  const auto x = draw<X>(7);
  const auto a = draw<W>(8);
  const auto b = draw<W>(9);
  const auto c = draw<W>(10);
  const auto v = draw<V>(11);
  const auto of = [&](const auto& w) { return rounded(in_float<product, X, W>(x, w)); };
  const auto sums = rounded(in_float<attended, Y, Y, Y>(of(a), of(b), of(c)));
  check_bits(MixedProgram<f, X, W, W, W, V>{}(x, a, b, c, v), in_float<product, Y, V>(sums, v));
}

TEST_CASE("views of what is stored as bf16 are read where they lie") {
  constexpr auto f = [](auto x, auto w, auto v) {
    const auto y = product(x, w);
    return std::tuple{turned(y), part(y), product(y, v), product(transpose(y), x)};
  };
  const auto x = draw<X>(12);
  const auto w = draw<W>(13);
  const auto v = draw<V>(14);
  const auto y = rounded(in_float<product, X, W>(x, w));
  MixedProgram<f, X, W, V> program;
  const auto [all_turned, one_part, by_v, by_x] = program(x, w, v);
  check_bits(all_turned, in_float<turned, Y>(y));
  check_bits(one_part, in_float<part, Y>(y));
  check_bits(by_v, in_float<product, Y, V>(y, v));
  constexpr auto of_turned = [](auto stored, auto by) { return product(transpose(stored), by); };
  check_bits(by_x, in_float<of_turned, Y, X>(y, x));
}

TEST_CASE("rows are looked up in a table that is stored as bf16") {
  constexpr auto f = [](auto x, auto w, auto ids, auto v) {
    return product(looked_up(product(x, w), ids), v);
  };
  using Ids = Index<50>;
  const auto x = draw<X>(15);
  const auto w = draw<W>(16);
  const auto v = draw<V>(17);
  xt::xtensor<std::int32_t, 1> ids = xt::zeros<std::int32_t>({50});
  for (std::size_t i = 0; i < 50; ++i) ids(i) = static_cast<std::int32_t>(7 * i % 40);
  const auto rows = in_float<looked_up, Y, Ids>(rounded(in_float<product, X, W>(x, w)), ids);
  check_bits(MixedProgram<f, X, W, Ids, V>{}(x, w, ids, v), in_float<product, Tensor<50, 32>, V>(rows, v));
}

TEST_CASE("results, what is small, and sums of products in place stay in float") {
  constexpr auto result = [](auto x, auto w) { return layer(x, w); };
  constexpr auto small = [](auto x, auto w, auto v) { return product(layer(x, w), v); };
  constexpr auto sums = [](auto x, auto w, auto a, auto b) {
    return product(x, w) + product(x, a) + product(x, b);
  };
  using Few = Tensor<10, 24>;
  const auto x = draw<X>(18);
  const auto w = draw<W>(19);
  const auto few = draw<Few>(20);
  const auto v = draw<V>(21);
  check_bits(MixedProgram<result, X, W>{}(x, w), in_float<result, X, W>(x, w));
  check_bits(MixedProgram<small, Few, W, V>{}(few, w, v), in_float<small, Few, W, V>(few, w, v));
  const auto a = draw<W>(22);
  const auto b = draw<W>(23);
  check_bits(MixedProgram<sums, X, W, W, W>{}(x, w, a, b), in_float<sums, X, W, W, W>(x, w, a, b));
  STATIC_REQUIRE(MixedProgram<small, Few, W, V>::arena_bytes() == Program<small, Few, W, V>::arena_bytes());
}
