#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using ctgrad::Random;
using ctgrad::Seed;

namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers that come with Random123 (tests/kat_vectors: philox 4x32 10).
static_assert(ctgrad::philox4x32({0, 0, 0, 0}, {0, 0}) ==
              Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(ctgrad::philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                                 {0xffffffff, 0xffffffff}) ==
              Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(ctgrad::philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                                 {0xa4093822, 0x299f31d0}) ==
              Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

/// The words of stream 0x0123456789abcdef of seed 0xfedcba9876543210, as the compiler draws them.
constexpr Random example() { return Random(Seed{0xfedcba9876543210}, 0x0123456789abcdef); }
constexpr std::uint32_t third_word() {
  Random random = example();
  random.bits();
  random.bits();
  return random.bits();
}
static_assert(third_word() ==
              ctgrad::philox4x32({0, 0, 0x89abcdef, 0x01234567}, {0x76543210, 0xfedcba98})[2]);

double mean(const std::vector<double>& numbers, int power) {
  double sum = 0;
  for (const double number : numbers) sum += std::pow(number, power);
  return sum / static_cast<double>(numbers.size());
}

}  // namespace

TEST_CASE("any position of a stream can be reached at once, and holds what drawing up to it gives",
          "[random]") {
  Random drawn = example();
  for (std::uint64_t position = 0; position < 23; ++position) {
    Random skipped = example();
    skipped.skip(position);
    CHECK(skipped.position() == position);
    CHECK(drawn.at(position) == example().at(position));
    CHECK(skipped.bits() == example().at(position));
    CHECK(drawn.bits() == example().at(position));
  }
  Random far = example();
  far.skip(std::uint64_t{1} << 40);
  CHECK(far.bits() == ctgrad::philox4x32({0, 64, 0x89abcdef, 0x01234567}, {0x76543210, 0xfedcba98})[0]);
}

TEST_CASE("another seed and another stream give other words", "[random]") {
  const std::array<Random, 5> streams{Random(Seed{1}), Random(Seed{2}), Random(Seed{1}, 1),
                                      Random(Seed{std::uint64_t{1} << 32}),
                                      Random(Seed{1}, std::uint64_t{1} << 32)};
  for (std::size_t a = 0; a < streams.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      int equal = 0;
      for (std::uint64_t i = 0; i < 64; ++i) equal += streams[a].at(i) == streams[b].at(i) ? 1 : 0;
      CHECK(equal == 0);
    }
  }
}

TEST_CASE("uniform numbers are the upper 53 of 64 bits, in [0, 1)", "[random]") {
  Random words = example(), numbers = example();
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t low = words.bits(), high = words.bits();
    const double expected = static_cast<double>((high << 21) | (low >> 11)) / 0x1p53;
    const double got = numbers.uniform();
    CHECK(got == expected);
    CHECK((got >= 0 && got < 1));
  }
}

TEST_CASE("below(n) stays below n and finds every number equally often", "[random]") {
  Random random(Seed{11});
  for (const std::uint32_t n : {1u, 2u, 3u, 7u, 16u, 1000u}) {
    std::vector<double> counts(n, 0.0);
    const double expected = 100;
    for (std::uint32_t i = 0; i < n * 100; ++i) {
      const std::uint32_t drawn = random.below(n);
      REQUIRE(drawn < n);
      counts[drawn] += 1;
    }
    double chi_squared = 0;
    for (const double count : counts) chi_squared += (count - expected) * (count - expected) / expected;
    INFO("seed 11, n " << n);
    CHECK(chi_squared <= (n - 1) + 5 * std::sqrt(2.0 * (n - 1)));  // five standard deviations
  }
}

TEST_CASE("below(n) draws again where a plain multiplication would favour some numbers", "[random]") {
  // Of the words for n = 3 * 2^30, a quarter must be refused: the expected number of draws is 4/3.
  Random random(Seed{12});
  const std::uint32_t n = 3u << 30;
  const int draws = 30000;
  std::array<int, 3> thirds{};
  for (int i = 0; i < draws; ++i) ++thirds[random.below(n) >> 30];
  CHECK_THAT(static_cast<double>(random.position()) / draws, WithinAbs(4.0 / 3, 0.02));
  for (const int count : thirds) CHECK_THAT(count / static_cast<double>(draws), WithinAbs(1.0 / 3, 0.015));
}

TEST_CASE("below(0) is refused", "[random]") {
  Random random(Seed{1});
  CHECK_THROWS_AS(random.below(0), std::invalid_argument);
  CHECK(random.position() == 0);
}

TEST_CASE("normal numbers have the moments and the tails of the normal distribution", "[random]") {
  Random random(Seed{13});
  std::vector<double> numbers(100000);
  for (double& number : numbers) number = random.normal();
  CHECK(random.position() == 4 * numbers.size());
  INFO("seed 13; bars are five standard deviations");
  CHECK_THAT(mean(numbers, 1), WithinAbs(0, 0.016));
  CHECK_THAT(mean(numbers, 2), WithinAbs(1, 0.023));
  CHECK_THAT(mean(numbers, 3), WithinAbs(0, 0.062));
  CHECK_THAT(mean(numbers, 4), WithinAbs(3, 0.16));
  for (const double bound : {0.5, 1.0, 2.0, 3.0}) {
    double within = 0;
    for (const double number : numbers) within += std::abs(number) < bound ? 1 : 0;
    const double expected = std::erf(bound / std::sqrt(2.0));
    const double deviation = std::sqrt(expected * (1 - expected) / static_cast<double>(numbers.size()));
    CHECK_THAT(within / static_cast<double>(numbers.size()), WithinAbs(expected, 5 * deviation));
  }
}

TEST_CASE("normal numbers are the same bits on every compiler", "[random]") {
  Random random = example();
  const std::array<double, 4> expected{0x1.40755d5b9413bp-3, 0x1.4b6102527d641p-4, 0x1.6f87ee111b36ep+0,
                                       -0x1.497b5ac6a94d6p-1};
  for (const double number : expected) CHECK(random.normal() == number);
}

TEST_CASE("the logarithm and the cosine behind normal numbers are exact to a few units of the last place",
          "[random]") {
  Random random(Seed{14});
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t word = random.bits() | (std::uint64_t{random.bits()} << 32);
    const std::uint64_t odd = (word >> (11 + i % 53)) | 1;
    CAPTURE(odd);
    REQUIRE_THAT(ctgrad::log_of_fraction(odd), WithinRel(std::log(static_cast<double>(odd) / 0x1p53), 7e-16));
    const double angle = (random.uniform() + 0x1p-54) * std::acos(0.0);
    CAPTURE(angle);
    REQUIRE_THAT(ctgrad::cosine_of_acute(angle), WithinAbs(std::cos(angle), 4e-16));
  }
  const std::uint64_t largest = (std::uint64_t{1} << 53) - 1;
  CHECK_THAT(ctgrad::log_of_fraction(largest), WithinRel(std::log1p(-0x1p-53), 4e-16));
  CHECK_THAT(ctgrad::log_of_fraction(1), WithinRel(-53 * std::log(2.0), 4e-16));
}
