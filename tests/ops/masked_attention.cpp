#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>

#include <ctgrad/ctgrad.hpp>

/// What attention owes a query that sees no key (pytorch#41508): nothing, and nothing to anybody else.
namespace ctgrad::test {

namespace {

using Q = Tensor<2, 4>;
using K = Tensor<3, 4>;

constexpr auto attended = [](auto q, auto k, auto v, auto seen) { return attention(q, k, v, seen > 0); };
constexpr auto squared = [](auto q, auto k, auto v, auto seen) {
  return sum(square(attended(q, k, v, seen)));
};
constexpr auto pulled = vjp<0, 1, 2>(attended);
constexpr auto second = [](auto q, auto k, auto v, auto seen, auto dq) {
  return hvp(squared)(q, k, v, seen, dq);
};

const Numbers queries{{1, -2, 0.5, 3}, {0.25, 1, -1, 2}};
const Numbers keys{{0.5, 1, 2, -1}, {-1, 0.5, 0, 1}, {3, -2, 1, 0.5}};
const Numbers values{{1, 2, 3, 4}, {-1, 0, 1, 2}, {5, -3, 2, 1}};
const Numbers seen{{0, 0, 0}, {1, 0, 1}};

template <class Scalar, auto Pulled, auto Second>
void check_masked_query() {
  const Numbers u{{1, 2, 3, 4}, {1, -1, 2, -2}};
  const auto found = compute<Scalar, Pulled, Q, K, K, Tensor<2, 3>, Q>({queries, keys, values, seen, u});
  REQUIRE(found.size() == 4);
  for (const Numbers& numbers : found) CHECK(all_finite(numbers));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found[0](0, i) == 0);
    CHECK(found[1](0, i) == 0);
    CHECK(found[2](1, i) == 0);  // no query sees the second key
    CHECK(found[3](1, i) == 0);
  }

  // The other query's part of everything is what it is alone.
  const auto alone = compute<Scalar, Pulled, Tensor<1, 4>, K, K, Tensor<1, 3>, Tensor<1, 4>>(
      {{{0.25, 1, -1, 2}}, keys, values, {{1, 0, 1}}, {{1, -1, 2, -2}}});
  const double bar = 8 * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK_THAT(found[0](1, i), Catch::Matchers::WithinAbs(alone[0](0, i), 8 * bar));
    CHECK_THAT(found[1](1, i), Catch::Matchers::WithinAbs(alone[1](0, i), 8 * bar));
  }
  CHECK(error_between(found[2], alone[2], bar) < 64 * bar);
  CHECK(error_between(found[3], alone[3], bar) < 64 * bar);

  const auto curvature =
      compute<Scalar, Second, Q, K, K, Tensor<2, 3>, Q>({queries, keys, values, seen, u})[0];
  CHECK(all_finite(curvature));
  for (std::size_t i = 0; i < 4; ++i) CHECK(curvature(0, i) == 0);
}

}  // namespace

TEST_CASE("a query that sees no key has output 0, gradient 0, and changes no other gradient", "[ops]") {
  STATIC_REQUIRE(count<ops::Attention>(
                     runtime::Planned<double, runtime::Trace<attended, Q, K, K, Tensor<2, 3>>>::graph) == 1);
  check_masked_query<double, pulled, second>();
  check_masked_query<float, pulled, second>();
}

TEST_CASE("the same of attention that is not fused", "[ops]") {
  constexpr auto plain_pulled = optimize<no_passes>(pulled);
  constexpr auto plain_second = optimize<no_passes>(second);
  check_masked_query<double, plain_pulled, plain_second>();
  check_masked_query<float, plain_pulled, plain_second>();
}

}  // namespace ctgrad::test
