#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/ops/soft_cross_entropy.hpp>

#include <cmath>
#include <limits>

/// Cross-entropy of soft targets and with label smoothing, at the edges too.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

constexpr auto rows_of = [](auto logits, auto targets) { return cross_entropy_rows(logits, targets); };
constexpr auto mean_of = [](auto logits, auto targets) { return cross_entropy(logits, targets); };
constexpr auto weighted = [](auto logits, auto targets, auto weights) {
  return cross_entropy(logits, targets, weights);
};
constexpr auto smoothed = [](auto logits, auto targets) {
  return cross_entropy(logits, targets, LabelSmoothing{0.25});
};
constexpr auto weighted_smoothed = [](auto logits, auto targets, auto weights) {
  return cross_entropy(logits, targets, weights, LabelSmoothing{0.25});
};
constexpr auto unsmoothed = [](auto logits, auto targets) {
  return cross_entropy(logits, targets, LabelSmoothing{0});
};

template <class Scalar>
void check_close(const Numbers& found, const Numbers& expected, double bar) {
  REQUIRE(found.shape() == expected.shape());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK_THAT(found.data()[i], Catch::Matchers::WithinAbs(expected.data()[i], bar));
}

template <class Scalar>
void check_table(double bar) {
  const Numbers logits{{10, 1, -2}, {1, 4, 0.2}, {-infinity, 0, 0}, {-infinity, 0, -infinity}};
  const Numbers targets{{0, 1, 0}, {1, 0, 0}, {0, 0.5, 0.5}, {0, 1, 0}};
  const auto found = compute<Scalar, rows_of, Tensor<4, 3>, Tensor<4, 3>>({logits, targets});
  check_close<Scalar>(found[0], {9.0001295, 3.0696733, 0.69314718, 0}, bar);
  const auto gradient = compute<Scalar, grad(mean_of), Tensor<4, 3>, Tensor<4, 3>>({logits, targets});
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(gradient[0](2, j) == 0);
    CHECK(gradient[0](3, j) == 0);
  }
}

/// softmax less targets, over the number of rows; of the targets: less log-softmax.
template <class Scalar>
void check_gradients(double bar) {
  const Numbers logits{{0, std::log(3.0)}, {0, 0}};
  const Numbers targets{{0.5, 0.5}, {0.125, 0.875}};
  const auto found = compute<Scalar, grad<0, 1>(mean_of), Tensor<2, 2>, Tensor<2, 2>>({logits, targets});
  check_close<Scalar>(found[0], {{-0.125, 0.125}, {0.1875, -0.1875}}, bar);
  const double half = std::log(2.0) / 2;
  check_close<Scalar>(found[1], {{std::log(4.0) / 2, std::log(4.0 / 3) / 2}, {half, half}}, bar);
}

template <class Scalar>
void check_one_hot(double bar) {
  const Numbers logits{{1, 4, 0.25}, {-2, 0.5, 3}};
  const auto soft =
      compute<Scalar, value_and_grad(mean_of), Tensor<2, 3>, Tensor<2, 3>>({logits, {{1, 0, 0}, {0, 0, 1}}});
  const auto hard = compute<Scalar, value_and_grad(mean_of), Tensor<2, 3>, Index<2>>({logits, {0, 2}});
  check_close<Scalar>(soft[0], hard[0], bar);
  check_close<Scalar>(soft[1], hard[1], bar);
  const auto none = compute<Scalar, value_and_grad(unsmoothed), Tensor<2, 3>, Index<2>>({logits, {0, 2}});
  CHECK(none[0] == hard[0]);
  CHECK(none[1] == hard[1]);
  const double e = 0.25 / 3;
  const auto mixed = compute<Scalar, value_and_grad(mean_of), Tensor<2, 3>, Tensor<2, 3>>(
      {logits, {{0.75 + e, e, e}, {e, e, 0.75 + e}}});
  const auto smooth = compute<Scalar, value_and_grad(smoothed), Tensor<2, 3>, Index<2>>({logits, {0, 2}});
  check_close<Scalar>(smooth[0], mixed[0], bar);
  check_close<Scalar>(smooth[1], mixed[1], bar);
}

/// Rows of weight 0 hold nothing that counts, neither logits nor targets.
template <class Scalar>
void check_ignored(double bar) {
  const Numbers logits{{1, 2}, {not_a_number, infinity}, {0, -1}};
  const Numbers soft{{0.5, 0.5}, {not_a_number, 7}, {0.25, 0.75}};
  const Numbers weights{1, 0, 3};
  const Numbers kept_logits{{1, 2}, {0, -1}};
  const Numbers kept_weights{1, 3};
  const auto compare = [&](const std::vector<Numbers>& all, const std::vector<Numbers>& kept) {
    check_close<Scalar>(all[0], kept[0], bar);
    for (std::size_t j = 0; j < 2; ++j) {
      CHECK_THAT(all[1](0, j), Catch::Matchers::WithinAbs(kept[1](0, j), bar));
      CHECK(all[1](1, j) == 0);
      CHECK_THAT(all[1](2, j), Catch::Matchers::WithinAbs(kept[1](1, j), bar));
    }
  };
  compare(compute<Scalar, value_and_grad(weighted), Tensor<3, 2>, Tensor<3, 2>, Tensor<3>>(
              {logits, soft, weights}),
          compute<Scalar, value_and_grad(weighted), Tensor<2, 2>, Tensor<2, 2>, Tensor<2>>(
              {kept_logits, {{0.5, 0.5}, {0.25, 0.75}}, kept_weights}));
  compare(compute<Scalar, value_and_grad(weighted_smoothed), Tensor<3, 2>, Index<3>, Tensor<3>>(
              {logits, {0, 1, 1}, weights}),
          compute<Scalar, value_and_grad(weighted_smoothed), Tensor<2, 2>, Index<2>, Tensor<2>>(
              {kept_logits, {0, 1}, kept_weights}));
}

template <class Scalar>
void check_all_ignored() {
  const Numbers logits{{1, 2}, {not_a_number, infinity}};
  const auto soft = compute<Scalar, value_and_grad(weighted), Tensor<2, 2>, Tensor<2, 2>, Tensor<2>>(
      {logits, {{1, 0}, {not_a_number, 1}}, {0, 0}});
  const auto smooth = compute<Scalar, value_and_grad(weighted_smoothed), Tensor<2, 2>, Index<2>, Tensor<2>>(
      {logits, {0, 1}, {0, 0}});
  for (const auto& found : {soft, smooth}) {
    CHECK(found[0]() == 0);
    CHECK((found[1] == Numbers{{0, 0}, {0, 0}}));
  }
}

}  // namespace

TEST_CASE("cross-entropy of soft targets gives the published values; 0 times -inf counts 0", "[ops]") {
  check_table<double>(5e-7);
  check_table<float>(2e-6);
}

TEST_CASE("the gradient of soft cross-entropy is softmax less targets, and less log-softmax", "[ops]") {
  check_gradients<double>(1e-15);
  check_gradients<float>(1e-7);
}

TEST_CASE("one-hot rows are ids, and label smoothing mixes them with the even distribution", "[ops]") {
  check_one_hot<double>(1e-15);
  check_one_hot<float>(1e-6);
}

TEST_CASE("soft targets and label smoothing skip rows of weight 0, whatever they hold", "[ops]") {
  check_ignored<double>(1e-15);
  check_ignored<float>(1e-6);
}

TEST_CASE("where all rows are ignored, soft and smoothed losses are 0 and so are the gradients", "[ops]") {
  check_all_ignored<double>();
  check_all_ignored<float>();
}

TEST_CASE("label smoothing outside [0, 1] is refused", "[ops]") {
  for (const double amount : {-0.1, 1.1, not_a_number}) {
    Graph graph;
    const Tensor<2, 3> logits{ops::input(graph, Tensor<2, 3>::type)};
    const Index<2> targets{ops::input(graph, Index<2>::type)};
    CHECK_THROWS_WITH(cross_entropy(logits, targets, LabelSmoothing{amount}),
                      "cross_entropy: label smoothing is in [0, 1]");
  }
}

}  // namespace ctgrad::test
