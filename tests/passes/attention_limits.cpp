#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <limits>

/// Attention is fused as causal only where a mask counts queries and keys, and at all only where its rows fit
/// into a kernel's tiles.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Attention where a mask is true, which it makes beside the queries.
template <class Mask>
struct Masked {
  Mask mask;

  constexpr auto operator()(auto q, auto k, auto v) const {
    return matmul(softmax(select(mask(q), matmul(q, transpose(k)), -infinity)), v);
  }
};
template <class Mask>
constexpr auto masked(Mask mask) {
  return Masked<Mask>{mask};
}

/// True for keys up to the query's number: what causal means.
constexpr auto counted =
    masked([](auto q) { return beside(q, iota_along<1, 3, 5>()) <= iota_along<0, 3, 5>(); });
constexpr auto counted_by_vectors =
    masked([](auto q) { return beside(q, iota<5>()) <= reshape<3, 1>(beside(q, iota<3>())); });
// Along an axis of extent 1 nothing is counted: true everywhere, or for the first key alone.
constexpr auto no_keys =
    masked([](auto q) { return beside(q, iota_along<1, 3, 1>()) <= iota_along<0, 3, 1>(); });
constexpr auto no_queries =
    masked([](auto q) { return beside(q, iota_along<1, 1, 5>()) <= iota_along<0, 1, 5>(); });
constexpr auto one_query = masked([](auto q) { return beside(q, iota<5>()) <= iota<1>(); });
constexpr auto one_query_reshaped =
    masked([](auto q) { return beside(q, iota<5>()) <= reshape<1, 1>(beside(q, iota<1>())); });

using Q = Tensor<3, 4>;
using K = Tensor<5, 4>;
using V = Tensor<5, 2>;

/// How many attentions are causal; what is fused is what was written.
template <auto F>
int causal_ones() {
  constexpr auto both = [](auto q, auto k, auto v) {
    const auto total = [](auto... x) { return sum(square(F(x...))); };
    return value_and_grad<0, 1, 2>(total)(q, k, v);
  };
  Random random(Seed{seed()});
  std::vector<Numbers> at;
  for (const Shape& shape : {Q::shape, K::shape, V::shape}) {
    at.emplace_back(extents(shape));
    for (double& number : at.back()) number = random.normal();
  }
  const auto fused = compute<double, both, Q, K, V>(at);
  const auto plain = compute<double, optimize<no_passes>(both), Q, K, V>(at);
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(error_between(fused[i], plain[i], 1e-10) < 1e-10);
  int causal = 0;
  const Graph graph = runtime::Trace<F, Q, K, V>::make();
  for (const Node& node : graph.nodes())
    causal +=
        node.operation == &operation<ops::Attention> && ops::AttentionForm(node.attributes).causal ? 1 : 0;
  return causal;
}

/// The attentions of a program over rows of so many numbers, the values' rows so wide.
template <Size Width, Size ValueWidth>
constexpr std::int32_t fused_rows = [] {
  constexpr auto f = [](auto q, auto k, auto v) { return matmul(softmax(matmul(q, transpose(k))), v); };
  return count<ops::Attention>(
      Program<f, Tensor<2, Width>, Tensor<3, Width>, Tensor<3, ValueWidth>>::graph());
}();

}  // namespace

TEST_CASE("a mask is causal where it counts all queries and all keys") {
  CHECK(causal_ones<counted>() == 1);
  CHECK(causal_ones<counted_by_vectors>() == 1);
  CHECK(causal_ones<no_keys>() == 0);
  CHECK(causal_ones<no_queries>() == 0);
  CHECK(causal_ones<one_query>() == 0);
  CHECK(causal_ones<one_query_reshaped>() == 0);
}

TEST_CASE("rows wider than a kernel's tiles are left to matrix products, and need no stack") {
  STATIC_REQUIRE(fused_rows<512, 512> == 1);
  STATIC_REQUIRE(fused_rows<513, 8> == 0);
  STATIC_REQUIRE(fused_rows<8, 513> == 0);
  constexpr auto loss = [](auto x, auto w, auto v) { return sum(square(matmul(softmax(matmul(x, w)), v))); };
  Program<value_and_grad<0, 1, 2>(loss), Tensor<4, 65536>, Tensor<65536, 10>, Tensor<10, 2>> program;
  const xt::xtensor<float, 2> x = xt::ones<float>({4, 65536});
  const xt::xtensor<float, 2> w = xt::zeros<float>({65536, 10});
  const xt::xtensor<float, 2> v = xt::ones<float>({10, 2});
  CHECK(program(x, w, v).value == Approx(8));
}

}  // namespace ctgrad::test
