#include <ctgrad/train/metrics.hpp>

#include <support/catch.hpp>
#include <support/views.hpp>

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
  CHECK_THROWS_WITH(ctgrad::count_hits(xt::view(logits, 1), xt::view(targets, xt::all(), 1)),
                    "count_hits: targets: expected row-major strides [1], got [2]");
  CHECK_THROWS_WITH(ctgrad::count_hits(xt::view(logits, xt::all(), 1), xt::view(targets, 1)),
                    "count_hits: logits: expected row-major strides [2, 1], got [4, 1]");
}
