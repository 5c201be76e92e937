#include <ctgrad/train/schedule.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using Catch::Matchers::WithinRel;
using namespace ctgrad::schedule;

namespace {

constexpr auto beyond = std::numeric_limits<std::uint64_t>::max();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a constant rate is the same at every step", "[schedule]") {
  const Constant rate(0.25);
  CHECK(rate(1) == 0.25);
  CHECK(rate(1000) == 0.25);
  CHECK(rate(beyond) == 0.25);
  CHECK(Constant(0)(1) == 0);
}

TEST_CASE("the rate rises to its peak in equal steps, then falls with the root of the step", "[schedule]") {
  const WarmupInverseSquareRoot rate({.peak = 0.5, .warmup = 100});
  CHECK_THAT(rate(1), WithinRel(0.005, 1e-15));
  CHECK_THAT(rate(50), WithinRel(0.25, 1e-15));
  CHECK_THAT(rate(99), WithinRel(0.495, 1e-15));
  CHECK(rate(100) == 0.5);
  CHECK_THAT(rate(101), WithinRel(0.5 * std::sqrt(100.0 / 101), 1e-15));
  CHECK_THAT(rate(400), WithinRel(0.25, 1e-15));
  CHECK_THAT(rate(1000000), WithinRel(0.005, 1e-15));
  CHECK(rate(beyond) > 0);
  const WarmupInverseSquareRoot at_once({.peak = 2, .warmup = 1});
  CHECK(at_once(1) == 2);
  CHECK(at_once(4) == 1);
}

TEST_CASE("that schedule is the Transformer paper's: width 512, 4000 steps of warm-up", "[schedule]") {
  const WarmupInverseSquareRoot rate({.peak = 1 / std::sqrt(512.0 * 4000), .warmup = 4000});
  for (const std::uint64_t step : {1u, 10u, 3999u, 4000u, 4001u, 100000u}) {
    INFO("step " << step);
    const auto s = static_cast<double>(step);
    const double paper = std::pow(512, -0.5) * std::min(std::pow(s, -0.5), s * std::pow(4000, -1.5));
    CHECK_THAT(rate(step), WithinRel(paper, 1e-14));
  }
}

TEST_CASE("the rate rises to its peak in equal steps, then falls to its floor by a cosine", "[schedule]") {
  const Cosine rate({.peak = 1, .steps = 1010, .warmup = 10, .floor = 0.5});
  CHECK_THAT(rate(1), WithinRel(0.1, 1e-15));
  CHECK_THAT(rate(9), WithinRel(0.9, 1e-15));
  CHECK(rate(10) == 1);
  CHECK(rate(11) < 1);
  CHECK_THAT(rate(260), WithinRel(0.5 + 0.25 * (1 + std::sqrt(0.5)), 1e-14));
  CHECK_THAT(rate(510), WithinRel(0.75, 1e-14));
  CHECK(rate(1009) > 0.5);
  CHECK(rate(1010) == 0.5);
  CHECK(rate(1011) == 0.5);
  CHECK(rate(beyond) == 0.5);
  for (std::uint64_t step = 10; step < 1010; ++step) CHECK(rate(step + 1) < rate(step));
}

TEST_CASE("a cosine without warm-up or floor goes from just below its peak to 0", "[schedule]") {
  const Cosine rate({.peak = 3, .steps = 2});
  CHECK_THAT(rate(1), WithinRel(1.5, 1e-15));
  CHECK(rate(2) == 0);
  CHECK(Cosine({.peak = 3, .steps = 1})(1) == 0);
  CHECK(Cosine({.peak = 3, .steps = 2, .warmup = 1})(1) == 3);
  CHECK(Cosine({.peak = 3, .steps = 7, .floor = 3})(4) == 3);
}

TEST_CASE("a schedule's options out of range are refused by name, and so is step 0", "[schedule]") {
  CHECK_THROWS_WITH(Constant(-1), "Constant: rate: expected a finite number of at least 0, got -1");
  CHECK_THROWS_WITH(Constant(not_a_number),
                    "Constant: rate: expected a finite number of at least 0, got nan");
  CHECK_THROWS_WITH(WarmupInverseSquareRoot({.peak = -2, .warmup = 1}),
                    "WarmupInverseSquareRoot: peak: expected a finite number of at least 0, got -2");
  CHECK_THROWS_WITH(WarmupInverseSquareRoot({.peak = 1, .warmup = 0}),
                    "WarmupInverseSquareRoot: warmup: expected at least 1, got 0");
  CHECK_THROWS_WITH(Cosine({.peak = not_a_number, .steps = 1}),
                    "Cosine: peak: expected a finite number of at least 0, got nan");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 10, .floor = 1.5}),
                    "Cosine: floor: expected a number from 0 to the peak of 1, got 1.5");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 10, .floor = not_a_number}),
                    "Cosine: floor: expected a number from 0 to the peak of 1, got nan");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 10, .warmup = 10}),
                    "Cosine: steps: expected more than the warm-up's 10, got 10");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 10, .warmup = 20}),
                    "Cosine: steps: expected more than the warm-up's 20, got 10");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 0}),
                    "Cosine: steps: expected more than the warm-up's 0, got 0");
  CHECK_THROWS_WITH(Constant(1)(0), "Constant: step: expected at least 1, got 0");
  CHECK_THROWS_WITH(WarmupInverseSquareRoot({.peak = 1, .warmup = 1})(0),
                    "WarmupInverseSquareRoot: step: expected at least 1, got 0");
  CHECK_THROWS_WITH(Cosine({.peak = 1, .steps = 1})(0), "Cosine: step: expected at least 1, got 0");
}
