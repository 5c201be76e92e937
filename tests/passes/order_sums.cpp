#include <plan/planned.hpp>

#include <support/catch.hpp>

/// Products that are summed are added one by one to what there is.
namespace ctgrad::test {

namespace {

using X = Tensor<3, 4>;
using W = Tensor<4, 4>;
constexpr Optimize apart{.in_place = false};

constexpr auto three_products = [](auto x, auto a, auto b, auto c) {
  return softmax(x) + ((matmul(x, a) + matmul(x, b)) + matmul(x, c));
};
/// Under another shape, as gradients of layers are.
constexpr auto reshaped = [](auto x, auto a, auto b, auto c) {
  return softmax(x) + reshape<3, 4>(matmul(reshape<3, 4>(x), a) + matmul(x, b)) + matmul(x, c);
};
constexpr auto needed_again = [](auto x, auto a, auto b, auto c) {
  const auto both = matmul(x, a) + matmul(x, b);
  return std::tuple{softmax(x) + (both + matmul(x, c)), both};
};
constexpr auto projections = [](auto x, auto a, auto b, auto c) {
  const auto h = softmax(x);
  return sum(square(matmul(h, a) * matmul(h, b) + matmul(h, c)));
};

}  // namespace

TEST_CASE("every product of a sum is added where the others lie", "[graph]") {
  STATIC_REQUIRE(accumulations<three_products, X, W, W, W> == 3);
  STATIC_REQUIRE(calls<three_products, X, W, W, W> == 4);
  STATIC_REQUIRE(accumulations<optimize<apart>(three_products), X, W, W, W> == 0);
  STATIC_REQUIRE(accumulations<reshaped, X, W, W, W> == 3);
}

TEST_CASE("sums in another order give what they mean, and so do their gradients", "[graph]") {
  CHECK(program_error<three_products, X, W, W, W>() < 1e-14);
  CHECK(program_error<reshaped, X, W, W, W>() < 1e-14);
  CHECK(program_error<needed_again, X, W, W, W>() < 1e-14);
  CHECK(program_error<grad<0, 1, 2, 3>(projections), X, W, W, W>() < 1e-13);
}

TEST_CASE("a sum that something else needs keeps its terms", "[graph]") {
  Graph graph = runtime::Trace<needed_again, X, W, W, W>::traced();
  const Graph ordered = passes::eliminate_dead(passes::order_sums(passes::eliminate_dead(graph)));
  CHECK(count<ops::Add>(ordered) == count<ops::Add>(passes::eliminate_dead(graph)));
}

}  // namespace ctgrad::test
