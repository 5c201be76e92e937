#include <ctgrad/train/metrics.hpp>

#include <support/catch.hpp>
#include <support/views.hpp>

#include <limits>
#include <string>
#include <vector>

TEST_CASE("hits are the targets that are the position of the largest logit of their row") {
  const std::vector<float> logits{0, 2, 1, 3, 0, 3, 0, 0, 1};
  const std::vector<std::int32_t> targets{1, 2, 2};
  const ctgrad::Hits hits = ctgrad::count_hits(logits, targets);
  CHECK(hits.correct == 2);  // of equal logits the first is the largest
  CHECK(hits.total == 3);
  CHECK(ctgrad::count_hits(std::vector<float>{}, std::vector<std::int32_t>{}).accuracy() == 0);
}

TEST_CASE("hits are counted in the rows that a dense view shows; other views are refused") {
  const xt::xtensor<float, 3> logits{{{1, 0}, {1, 0}}, {{0, 1}, {0, 1}}};
  const xt::xtensor<std::int32_t, 2> targets{{0, 1}, {1, 1}};
  CHECK(ctgrad::count_hits(xt::view(logits, 1), xt::view(targets, 1)).correct == 2);
  CHECK(ctgrad::count_hits(xt::view(logits, 1), xt::view(targets, 0)).correct == 1);
  CHECK_THROWS_WITH(
      ctgrad::count_hits(xt::view(logits, 1), xt::view(targets, xt::all(), 1)),
      "count_hits: targets: expected row-major strides [1], got [2]; xt::xtensor<T, N>(x) is a dense copy");
  CHECK_THROWS_WITH(ctgrad::count_hits(xt::view(logits, xt::all(), 1), xt::view(targets, 1)),
                    "count_hits: logits: expected row-major strides [2, 1], got [4, 1]; xt::xtensor<T, N>(x) "
                    "is a dense copy");
}

TEST_CASE("targets that are not one for every row of logits are refused with both shapes") {
  const auto logits = xt::xtensor<float, 3>::from_shape({8, 12, 9});
  const std::string expected = "count_hits: targets: expected one for every row of logits [8, 12, 9], got ";
  const auto check = [&](const auto& targets, const std::string& got) {
    CHECK_THROWS_WITH(ctgrad::count_hits(logits, targets), expected + got);
  };
  check(xt::xtensor<std::int32_t, 1>::from_shape({3}), "[3]");
  check(xt::xtensor<std::int32_t, 2>::from_shape({3, 12}), "[3, 12]");
  check(xt::xtensor<std::int32_t, 2>::from_shape({12, 8}), "[12, 8]");
  check(xt::xtensor<std::int32_t, 1>::from_shape({96}), "[96]");
  check(xt::xtensor<std::int32_t, 3>::from_shape({8, 12, 1}), "[8, 12, 1]");
  check(xt::xtensor<std::int32_t, 2>::from_shape({0, 12}), "[0, 12]");
  check(std::vector<std::int32_t>(95), "[95]");
  CHECK_THROWS_WITH(ctgrad::count_hits(std::vector<float>(7), std::vector<std::int32_t>(2)),
                    "count_hits: targets: expected one for every row of logits [7], got [2]");
  CHECK_THROWS_AS(ctgrad::count_hits(std::vector<float>(7), std::vector<std::int32_t>{}),
                  std::invalid_argument);
  CHECK_THROWS_AS(ctgrad::count_hits(xt::xtensor<float, 2>::from_shape({3, 0}), std::vector<std::int32_t>(3)),
                  std::invalid_argument);
  CHECK(ctgrad::count_hits(logits, std::vector<std::int32_t>(96, 0)).total == 96);
}

TEST_CASE("a row with NaN hits nothing, and a target that is no position is refused") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> logits{nan, 1, 0, nan, 3, 2};
  CHECK(ctgrad::count_hits(logits, std::vector<std::int32_t>{0, 1, 1}).correct == 0);
  CHECK(ctgrad::count_hits(logits, std::vector<std::int32_t>{1, 1, 0}).correct == 1);
  CHECK_THROWS_WITH(ctgrad::count_hits(logits, std::vector<std::int32_t>{1, 2, 0}),
                    "count_hits: targets: target 1 = 2 is not in [0, 2)");
  CHECK_THROWS_AS(ctgrad::count_hits(logits, std::vector<std::int32_t>{1, 0, -1}), std::out_of_range);
}
