#include <ctgrad/generate/greedy.hpp>
#include <ctgrad/generate/sample.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#include "table_decoder.hpp"

#include <array>
#include <cstdio>

namespace {

using namespace ctgrad;
using generate::SampleOptions;
using generate::Sampler;
using test::Logit;
using test::Sequence;
using test::Sequences;
using test::TableDecoder;

constexpr double none = -std::numeric_limits<double>::infinity();
using Eight = std::array<double, 8>;
constexpr Eight logits{0.5, -1, none, 2, 1.25, 2, -3, 0};

/// How often each id is drawn; every draw has its own sequence or its own position.
std::array<int, 8> counts(const SampleOptions& options, int draws, bool along_positions) {
  Sampler sampler(8, options, Seed{20});
  std::array<int, 8> found{};
  for (int i = 0; i < draws; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    const std::int32_t id =
        sampler(std::span<const double>(logits), along_positions ? 3 : n, along_positions ? n : 5);
    ++found.at(static_cast<std::size_t>(id));
  }
  return found;
}

/// Pearson's statistic of the counts; inf where an id of probability 0 was drawn.
double chi_square(const std::array<int, 8>& found, const Eight& weights, int draws) {
  double sum = 0, statistic = 0;
  for (const double weight : weights) sum += weight;
  for (std::size_t id = 0; id < 8; ++id) {
    const double expected = draws * weights[id] / sum, difference = found[id] - expected;
    if (expected == 0 && found[id] > 0) return std::numeric_limits<double>::infinity();
    statistic += expected == 0 ? 0 : difference * difference / expected;
  }
  return statistic;
}

Eight weights_at(double temperature, std::initializer_list<std::size_t> ids) {
  Eight weights{};
  for (const std::size_t id : ids) weights.at(id) = std::exp(logits.at(id) / temperature);
  return weights;
}

}  // namespace

TEST_CASE("ids are drawn as often as their probabilities say, of those alone that the options leave") {
  struct Case {
    const char* name;
    SampleOptions options;
    Eight weights;
    double bar;  ///< that the statistic passes once in 1000, by its degrees of freedom
  };
  // With temperature 1 the two likeliest have 0.341 each, then come 0.161, 0.076, 0.046, 0.017, 0.002.
  const Case cases[] = {
      {"all", {}, weights_at(1, {0, 1, 3, 4, 5, 6, 7}), 22.46},
      {"temperature 0.5", {.temperature = 0.5}, weights_at(0.5, {0, 1, 3, 4, 5, 6, 7}), 22.46},
      {"temperature 3", {.temperature = 3}, weights_at(3, {0, 1, 3, 4, 5, 6, 7}), 22.46},
      {"top_k 4", {.top_k = 4}, weights_at(1, {0, 3, 4, 5}), 16.27},
      {"top_k 8", {.top_k = 8}, weights_at(1, {0, 1, 3, 4, 5, 6, 7}), 22.46},
      {"top_p 0.7", {.top_p = 0.7}, weights_at(1, {3, 4, 5}), 13.82},
      {"top_p 0.6", {.top_p = 0.6}, weights_at(1, {3, 5}), 10.83},
      {"top_p 0.95", {.top_p = 0.95}, weights_at(1, {0, 3, 4, 5, 7}), 18.47},
      {"top_k 4, top_p 0.9", {.top_k = 4, .top_p = 0.9}, weights_at(1, {3, 4, 5}), 13.82},
      {"top_k 5 at 2", {.temperature = 2, .top_k = 5}, weights_at(2, {0, 3, 4, 5, 7}), 18.47},
  };
  constexpr int draws = 20000;
  for (const Case& each : cases) {
    for (const bool along_positions : {false, true}) {
      CAPTURE(each.name, along_positions);
      const double statistic = chi_square(counts(each.options, draws, along_positions), each.weights, draws);
      std::printf("figure: %d draws, %s, %s: chi-square %.2f (bar %.2f)\n", draws, each.name,
                  along_positions ? "one sequence" : "one position", statistic, each.bar);
      CHECK(statistic < each.bar);
    }
  }
}

TEST_CASE("the statistic finds probabilities that are a little wrong") {
  Eight wrong = weights_at(1, {0, 1, 3, 4, 5, 6, 7});
  wrong[4] *= 1.1;
  CHECK(chi_square(counts({}, 20000, false), wrong, 20000) > 22.46);
  CHECK(chi_square(counts({}, 20000, false), weights_at(1, {0, 1, 3, 4, 5, 7}), 20000) > 1e9);
}

TEST_CASE("temperature 0, top_k 1, a small top_p and a temperature near 0 are greedy") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    TableDecoder<3, 1, 7, 9> decoder(test::random_logits(seed));
    const Sequences prompts{{0}, {1, 2}, {6}};
    const Sequences greedy = generate::greedy(decoder, prompts, {.end = 3, .length = 6});
    const auto drawn = [&](SampleOptions options) {
      options.end = 3;
      options.length = 6;
      return generate::sample(decoder, prompts, options, Seed{seed});
    };
    CHECK(drawn({.temperature = 0}) == greedy);
    CHECK(drawn({.top_k = 1}) == greedy);
    CHECK(drawn({.temperature = 5, .top_k = 1, .top_p = 0.5}) == greedy);
    CHECK(drawn({.top_p = 1e-300}) == greedy);
    CHECK(drawn({.temperature = 1e-300}) == greedy);
    CHECK(drawn({}) != greedy);
  }
}

TEST_CASE("of equal logits top_k keeps the first ids") {
  const std::array<float, 5> equal{1, 1, 1, 1, 1};
  Sampler sampler(5, {.top_k = 2}, Seed{1});
  std::array<int, 5> found{};
  for (std::uint64_t n = 0; n < 200; ++n)
    ++found.at(static_cast<std::size_t>(sampler(std::span<const float>(equal), n, 0)));
  CHECK(found[0] + found[1] == 200);
  CHECK(found[0] > 50);
  CHECK(found[1] > 50);
}

TEST_CASE("a sequence follows from the seed and its number, whatever the batch") {
  const Logit logit = test::random_logits(2);
  const Logit same = [&](std::size_t, const Sequence& tokens, std::int32_t id) {
    return logit(0, tokens, id);
  };
  TableDecoder<6, 1, 5, 20> six(same);
  TableDecoder<2, 1, 5, 20> two(same);
  TableDecoder<2, 3, 5, 20> wide(same);
  const SampleOptions options{.temperature = 1.2, .top_k = 4, .end = 4};
  const Sequences all = generate::sample(six, 0, options, Seed{7});
  CHECK(all == generate::sample(wide, 0, options, Seed{7}));
  for (std::uint64_t first = 0; first < 6; first += 2) {
    SampleOptions from = options;
    from.first = first;
    const Sequences some = generate::sample(two, 0, from, Seed{7});
    CHECK(some[0] == all[first]);
    CHECK(some[1] == all[first + 1]);
  }
  CHECK(all[0] != all[1]);
  CHECK(all != generate::sample(six, 0, options, Seed{8}));
}

TEST_CASE("a sequence that is its own prompt goes on as it did") {
  TableDecoder<1, 1, 9, 30> decoder(test::random_logits(4));
  const Sequence whole = generate::sample(decoder, 0, {}, Seed{3})[0];
  REQUIRE(whole.size() == 30);
  for (const std::ptrdiff_t known : {1, 7, 29}) {
    Sequence prompt{0};
    prompt.insert(prompt.end(), whole.begin(), whole.begin() + known);
    CHECK(generate::sample(decoder, Sequences{prompt}, {}, Seed{3})[0] ==
          Sequence(whole.begin() + known, whole.end()));
  }
}

TEST_CASE("drawing allocates nothing") {
  Sampler sampler(8, {.temperature = 0.9, .top_k = 6, .top_p = 0.8}, Seed{1});
  std::int64_t sum = 0;
  const std::size_t before = test::allocations();
  for (std::uint64_t position = 0; position < 100; ++position)
    sum += sampler(std::span<const double>(logits), 0, position);
  CHECK(test::allocations() == before);
  CHECK(sum > 0);
}

TEST_CASE("sampling refuses bad options and logits, naming them") {
  TableDecoder<1, 1, 8, 5> decoder(test::random_logits(1));
  const auto with = [&](const SampleOptions& options) { generate::sample(decoder, 0, options, Seed{1}); };
  CHECK_THROWS_WITH(with({.temperature = -1}),
                    test::contains("sample: temperature: expected a finite number of at least 0, got -1"));
  CHECK_THROWS_AS(with({.temperature = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(with({.temperature = -none}), std::invalid_argument);
  CHECK_THROWS_WITH(with({.top_k = -1}), "sample: top_k: expected one in [0, 8], got -1");
  CHECK_THROWS_WITH(with({.top_k = 9}), "sample: top_k: expected one in [0, 8], got 9");
  CHECK_THROWS_WITH(with({.top_p = 0}), test::contains("sample: top_p: expected a number in (0, 1], got 0"));
  CHECK_THROWS_AS(with({.top_p = 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(with({.top_p = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_WITH(with({.first = std::numeric_limits<std::uint64_t>::max()}),
                    "sample: first: expected at most 18446744073709551614, got 18446744073709551615");
  CHECK_THROWS_WITH(with({.end = 8}), "sample: end: expected an id in [0, 8), got 8");
  CHECK_THROWS_WITH(with({.length = 6}), test::contains("sample: length: expected at most 5"));
  CHECK(decoder.steps() == 0);
  TableDecoder<1, 1, 8, 5> broken(
      [](std::size_t, const Sequence&, std::int32_t id) { return id == 3 ? std::nan("") : 1.0; });
  CHECK_THROWS_WITH(generate::sample(broken, 0, {}, Seed{1}),
                    test::contains("sample: logits of sequence 0: expected numbers below infinity, got"));
}

TEST_CASE("a sampler on its own refuses what it cannot draw from, naming it") {
  const auto draw = [](std::vector<float> numbers, const SampleOptions& options) {
    Sampler sampler(4, options, Seed{1});
    sampler(std::span<const float>(numbers), 7, 0);
  };
  const float bad = std::nanf(""), infinite = std::numeric_limits<float>::infinity();
  for (const SampleOptions& options : {SampleOptions{}, {.temperature = 0}, {.top_k = 2}, {.top_p = 0.5}}) {
    CHECK_THROWS_WITH(draw({1, 2, 3}, options), "sample: logits of sequence 7: expected 4 numbers, got 3");
    CHECK_THROWS_WITH(draw({1, 2, 3, 4, 5}, options),
                      "sample: logits of sequence 7: expected 4 numbers, got 5");
    CHECK_THROWS_WITH(draw({1, bad, 3, 4}, options), test::contains("nan for id 1"));
    CHECK_THROWS_WITH(draw({bad, 2, 3, 4}, options), test::contains("nan for id 0"));
    CHECK_THROWS_WITH(draw({1, 2, infinite, 4}, options), test::contains("got inf for id 2"));
    CHECK_THROWS_WITH(draw(std::vector<float>(4, -infinite), options),
                      "sample: logits of sequence 7: expected a finite number, got none");
    CHECK_NOTHROW(draw({-infinite, 2, -infinite, 4}, options));
  }
  CHECK_THROWS_WITH(Sampler(0, {}, Seed{1}), "sample: vocabulary: expected at least 1, got 0");
  CHECK_THROWS_WITH(Sampler(-3, {}, Seed{1}), "sample: vocabulary: expected at least 1, got -3");
}

TEST_CASE("a share that one token has is that token's, whatever the rounding") {
  // Ten of probability 0.1 each, whose sum in double is not 1; and one that has all but 1e-16.
  const std::vector<double> ten(10, 0.3), one{0, 40, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto largest = [](const std::vector<double>& numbers, double top_p) {
    Sampler sampler(10, {.top_p = top_p}, Seed{3});
    std::int32_t found = 0;
    for (std::uint64_t n = 0; n < 500; ++n)
      found = std::max(found, sampler(std::span<const double>(numbers), n, 0));
    return found;
  };
  CHECK(largest(ten, std::nextafter(0.1, 0.0)) == 0);
  CHECK(largest(ten, std::nextafter(0.2, 0.0)) == 1);
  CHECK(largest(ten, std::nextafter(0.2, 1.0)) == 2);
  CHECK(largest(ten, std::nextafter(1.0, 0.0)) == 9);
  CHECK(largest(one, std::nextafter(1.0, 0.0)) == 1);
}
