#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/ops/ignored_targets.hpp>

#include <cmath>
#include <limits>

/// What cross-entropy owes at the edges.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

constexpr auto rows_of = [](auto logits, auto targets) { return cross_entropy_rows(logits, targets); };
constexpr auto mean_of = [](auto logits, auto targets) { return cross_entropy(logits, targets); };
constexpr auto weighted = [](auto logits, auto targets, auto weights) {
  return cross_entropy(logits, targets, weights);
};
template <std::int32_t Target>
constexpr auto ignoring =
    [](auto logits, auto targets) { return cross_entropy(logits, targets, IgnoreIndex{Target}); };
constexpr auto ignoring_smoothed = [](auto logits, auto targets, auto weights) {
  return cross_entropy(logits, targets, weights, IgnoreIndex{}, LabelSmoothing{0.1});
};
constexpr auto weighted_smoothed = [](auto logits, auto targets, auto weights) {
  return cross_entropy(logits, targets, weights, LabelSmoothing{0.1});
};
using Logits = Tensor<3, 3>;

template <class Scalar>
void check_table(double bar) {
  const Numbers logits{
      {10, 1, -2}, {1, 4, 0.2}, {-infinity, 0, 0}, {-infinity, 0, 0}, {-infinity, 0, -infinity}};
  const auto found = compute<Scalar, rows_of, Tensor<5, 3>, Index<5>>({logits, {1, 0, 1, 2, 1}});
  const double expected[] = {9.0001295, 3.0696733, 0.69314718, 0.69314718, 0};
  for (std::size_t row = 0; row < 5; ++row)
    CHECK_THAT(found[0](row), Catch::Matchers::WithinAbs(expected[row], bar));
}

template <class Scalar>
void check_mean() {
  const auto found =
      compute<Scalar, value_and_grad(mean_of), Tensor<2, 2>, Index<2>>({{{0, 0}, {2, 2}}, {0, 1}});
  CHECK_THAT(found[0](), Catch::Matchers::WithinRel(std::log(2.0), 1e-7));
  CHECK((found[1] == Numbers{{-0.25, 0.25}, {0.25, -0.25}}));
}

template <class Scalar>
void check_all_ignored() {
  const Numbers logits{{1, 2, 3}, {not_a_number, 0, 0}, {infinity, 0, -infinity}};
  const auto found =
      compute<Scalar, value_and_grad(weighted), Logits, Index<3>, Tensor<3>>({logits, {0, 1, 2}, {0, 0, 0}});
  CHECK(found[0]() == 0);
  CHECK((found[1] == Numbers({3, 3}, 0.0)));
}

template <class Scalar>
void check_ignored_rows() {
  const Numbers logits{{0, 0, 0}, {not_a_number, infinity, -infinity}, {0, 0, 0}};
  const auto found =
      compute<Scalar, value_and_grad(weighted), Logits, Index<3>, Tensor<3>>({logits, {0, 1, 2}, {1, 0, 3}});
  CHECK_THAT(found[0](), Catch::Matchers::WithinRel(std::log(3.0), 1e-6));
  const double third = 0.25 / 3;
  const double expected[] = {-2 * third, third, third, 0, 0, 0, 3 * third, 3 * third, -6 * third};
  for (std::size_t i = 0; i < 9; ++i)
    CHECK_THAT(found[1].data()[i], Catch::Matchers::WithinAbs(expected[i], 1e-7));
}

void check_close(const std::vector<Numbers>& found, const std::vector<Numbers>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    REQUIRE(found[k].size() == expected[k].size());
    for (std::size_t i = 0; i < found[k].size(); ++i)
      CHECK_THAT(found[k].data()[i], Catch::Matchers::WithinAbs(expected[k].data()[i], 1e-6));
  }
}

/// Row 1 is marked, and holds what no row that counts may hold.
template <class Scalar, std::int32_t Target>
void check_ignored_targets() {
  const Numbers logits{{0.5, -1, 2}, {not_a_number, infinity, -infinity}, {0.25, 3, -2}};
  const Numbers marked{0, Target, 2}, classes{0, 1, 2};
  const auto found = compute<Scalar, value_and_grad(ignoring<Target>), Logits, Index<3>>({logits, marked});
  const auto expected =
      compute<Scalar, value_and_grad(weighted), Logits, Index<3>, Tensor<3>>({logits, classes, {1, 0, 1}});
  CHECK(found[0]() > 0);
  check_close(found, expected);
  const auto smoothed = compute<Scalar, value_and_grad(ignoring_smoothed), Logits, Index<3>, Tensor<3>>(
      {logits, {0, -100, 2}, {1, 5, 3}});
  check_close(smoothed, compute<Scalar, value_and_grad(weighted_smoothed), Logits, Index<3>, Tensor<3>>(
                            {logits, classes, {1, 0, 3}}));
  const auto none =
      compute<Scalar, value_and_grad(ignoring<Target>), Logits, Index<3>>({logits, {Target, Target, Target}});
  CHECK(none[0]() == 0);
  CHECK((none[1] == Numbers({3, 3}, 0.0)));
}

}  // namespace

TEST_CASE("cross-entropy gives the published values, also with masked logits", "[ops]") {
  check_table<double>(5e-7);
  check_table<float>(2e-6);
}

TEST_CASE("cross-entropy is the mean over rows, its gradient softmax less one-hot over their number",
          "[ops]") {
  check_mean<double>();
  check_mean<float>();
}

TEST_CASE("where all rows have weight 0 the loss is 0 and so is the gradient", "[ops]") {
  check_all_ignored<double>();
  check_all_ignored<float>();
}

TEST_CASE("a row of weight 0 is ignored whatever its logits hold", "[ops]") {
  check_ignored_rows<double>();
  check_ignored_rows<float>();
}

TEST_CASE("an ignored target is a row of weight 0, and the mean is over the others", "[ops]") {
  check_ignored_targets<double, -100>();
  check_ignored_targets<float, -1>();
}

TEST_CASE("a target out of range that is not the ignored one is refused", "[ops]") {
  runtime::Machine<double, runtime::Trace<value_and_grad(ignoring<-1>), Logits, Index<3>>> machine;
  for (const double wrong : {-100.0, -2.0, 3.0}) {
    CHECK_THROWS_WITH(
        run(machine, {Numbers({3, 3}, 0.0), {0, -1, wrong}}),
        test::contains("[2] = " + std::to_string(static_cast<int>(wrong)) + " is not in [0, 3) of "));
  }
}

TEST_CASE("a target out of range is refused also in a row of weight 0, with its position and its bounds",
          "[ops]") {
  using Trace = runtime::Trace<value_and_grad(weighted), Logits, Index<3>, Tensor<3>>;
  runtime::Machine<double, Trace> machine;
  for (const double wrong : {-1.0, 3.0}) {
    const std::vector<Numbers> inputs{Numbers({3, 3}, 0.0), {0, wrong, 2}, {1, 0, 3}};
    CHECK_THROWS_AS(run(machine, inputs), std::out_of_range);
    CHECK_THROWS_WITH(run(machine, inputs),
                      Catch::Matchers::StartsWith("%1[1] = " + std::to_string(static_cast<int>(wrong)) +
                                                  " is not in [0, 3) of "));
  }
}

}  // namespace ctgrad::test
