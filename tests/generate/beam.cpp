#include <ctgrad/generate/beam.hpp>
#include <ctgrad/generate/greedy.hpp>

#include <support/catch.hpp>

#include "table_decoder.hpp"

#include <cstdio>

namespace {

using namespace ctgrad;
using generate::Hypotheses;
using generate::Hypothesis;
using test::Logit;
using test::Sequence;
using test::Sequences;
using test::TableDecoder;

/// All hypotheses after a prompt, found one by one, the best score first.
struct Exhaustive {
  const Logit& logit;
  std::int32_t kinds;
  generate::BeamOptions options;
  Hypotheses found = {};

  void search(std::size_t source, const Sequence& prompt, const Sequence& tokens, double log_probability) {
    Sequence all = prompt;
    all.insert(all.end(), tokens.begin(), tokens.end());
    const auto count = static_cast<double>(tokens.size() + 1);
    for (std::int32_t id = 0; id < kinds; ++id) {
      const double sum = log_probability + test::log_probability(logit, source, all, id, kinds);
      const double score =
          sum / (std::pow(5 + count, options.length_penalty) / std::pow(5 + 1, options.length_penalty));
      Sequence next = tokens;
      if (id != options.end) next.push_back(id);
      if (id == options.end || count == static_cast<double>(options.length)) {
        found.push_back({next, sum, score, id == options.end});
      } else {
        search(source, prompt, next, sum);
      }
    }
  }

  Hypotheses sorted(std::size_t source, const Sequence& prompt) {
    search(source, prompt, {}, 0);
    std::ranges::sort(found, std::ranges::greater{}, &Hypothesis::score);
    return found;
  }
};

void check_equal(const Hypotheses& got, const Hypotheses& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i].tokens == expected[i].tokens);
    CHECK(got[i].ended == expected[i].ended);
    CHECK(std::abs(got[i].log_probability - expected[i].log_probability) < 1e-12);
    CHECK(std::abs(got[i].score - expected[i].score) < 1e-12);
  }
}

}  // namespace

TEST_CASE("a beam as wide as all sequences is an exhaustive search") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Logit logit = test::random_logits(seed);
    TableDecoder<2, 31, 3, 6> decoder(logit);
    const Sequences prompts{{0}, {2, 1}};
    for (const double penalty : {0.0, 0.6, 1.0, 3.0}) {
      const generate::BeamOptions options{.end = 1, .length = 4, .length_penalty = penalty};
      const auto found = generate::beam_search(decoder, prompts, options);
      REQUIRE(found.size() == 2);
      for (std::size_t source = 0; source < 2; ++source) {
        CAPTURE(seed, penalty, source);
        const Hypotheses all = Exhaustive{logit, 3, options}.sorted(source, prompts[source]);
        REQUIRE(all.size() == 31);
        check_equal(found[source], all);
      }
    }
  }
}

TEST_CASE("so it is without an end") {
  const Logit logit = test::random_logits(3);
  TableDecoder<1, 81, 3, 4> decoder(logit);
  const auto found = generate::beam_search(decoder, 2);
  check_equal(found[0], Exhaustive{logit, 3, {.length = 4}}.sorted(0, {2}));
}

TEST_CASE("a beam of width 1 is greedy, whatever the penalty") {
  int ended = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Logit logit = test::random_logits(seed);
    TableDecoder<3, 1, 5, 9> decoder(logit);
    const Sequences prompts{{0}, {2, 1, 3}, {4, 4}};
    const Sequences greedy = generate::greedy(decoder, prompts, {.end = 0, .length = 7});
    for (const double penalty : {0.0, 1.0}) {
      const auto found =
          generate::beam_search(decoder, prompts, {.end = 0, .length = 7, .length_penalty = penalty});
      for (std::size_t source = 0; source < 3; ++source) {
        CAPTURE(seed, penalty, source);
        REQUIRE(found[source].size() == 1);
        CHECK(found[source][0].tokens == greedy[source]);
        CHECK(found[source][0].ended == (greedy[source].size() < 7));
        ended += found[source][0].ended ? 1 : 0;
      }
    }
  }
  CHECK(ended > 50);
  CHECK(ended < 250);
}

TEST_CASE("narrow beams give sequences with their own scores, sorted, and mostly better ones than greedy") {
  double gained = 0;
  int best = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Logit logit = test::random_logits(seed);
    TableDecoder<1, 4, 6, 6> decoder(logit);
    const generate::BeamOptions options{.end = 5, .length = 5, .length_penalty = 0.6};
    const Hypotheses found = generate::beam_search(decoder, 0, options)[0];
    const Hypotheses all = Exhaustive{logit, 6, options}.sorted(0, {0});
    REQUIRE(found.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto same = std::ranges::find_if(all, [&](const Hypothesis& other) {
        return other.tokens == found[i].tokens && other.ended == found[i].ended;
      });
      REQUIRE(same != all.end());
      CHECK(std::abs(same->score - found[i].score) < 1e-12);
      if (i > 0) CHECK(found[i - 1].score >= found[i].score);
    }
    TableDecoder<1, 1, 6, 6> one(logit);
    gained += found[0].score - generate::beam_search(one, 0, options)[0][0].score;
    best += found[0].tokens == all[0].tokens ? 1 : 0;
  }
  std::printf(
      "figure: beams of 4 over 6 kinds and 5 tokens: the best of all in %d of 40, score %+.3f over greedy\n",
      best, gained / 40);
  CHECK(best > 20);
  CHECK(gained > 0);
}

TEST_CASE("a source's hypotheses do not depend on the other sources, and a done one waits") {
  const Logit logit = test::random_logits(11);
  const Logit second = [&](std::size_t, const Sequence& tokens, std::int32_t id) {
    return logit(1, tokens, id);
  };
  TableDecoder<2, 3, 4, 8> two(logit);
  TableDecoder<1, 3, 4, 8> one(second);
  const auto both = generate::beam_search(two, Sequences{{0, 1, 2, 3}, {2}}, {.end = 3});
  check_equal(both[1], generate::beam_search(one, 2, {.end = 3})[0]);
}

TEST_CASE("tokens of probability 0 are in no hypothesis, and there may be fewer than beams") {
  const Logit one_way = [](std::size_t, const Sequence& tokens, std::int32_t id) {
    const bool open = id == 2 ? tokens.size() >= 2 : id == static_cast<std::int32_t>(tokens.size() % 2);
    return open ? 0.5 : -std::numeric_limits<double>::infinity();
  };
  TableDecoder<1, 5, 4, 5> decoder(one_way);
  const Hypotheses found = generate::beam_search(decoder, 0, {.end = 2, .length = 3})[0];
  REQUIRE(found.size() == 3);
  CHECK(found[0].tokens == Sequence{1});
  CHECK(found[0].log_probability == Approx(std::log(0.5)));
  CHECK(found[1].tokens == Sequence{1, 0});
  CHECK(found[2].tokens == Sequence{1, 0, 1});
  CHECK(found[1].ended);
  CHECK(!found[2].ended);
}

TEST_CASE("beam search refuses options and prompts that do not fit, and logits that are no numbers") {
  TableDecoder<1, 2, 4, 5> decoder(test::random_logits(1));
  const auto search = [&](const generate::BeamOptions& options) {
    generate::beam_search(decoder, 0, options);
  };
  CHECK_THROWS_WITH(search({.end = 4}), "beam_search: end: expected an id in [0, 4), got 4");
  CHECK_THROWS_WITH(search({.length = 6}),
                    "beam_search: length: expected at most 5 after prompts[0] of 1, got 6");
  CHECK_THROWS_WITH(search({.length = -1}), "beam_search: length: expected at least 0, got -1");
  CHECK_THROWS_WITH(
      search({.length_penalty = -0.5}),
      test::contains("beam_search: length_penalty: expected a finite number of at least 0, got -0.5"));
  CHECK_THROWS_AS(search({.length_penalty = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_WITH(generate::beam_search(decoder, Sequences{{0}, {1}}, {}),
                    "beam_search: prompts: expected at most 1, got 2");
  CHECK_THROWS_WITH(generate::beam_search(decoder, Sequences{{}}, {}),
                    "beam_search: prompts[0]: expected 1 to 5 tokens, got 0");
  CHECK(decoder.steps() == 0);
  CHECK(generate::beam_search(decoder, Sequences{}, {}).empty());
  TableDecoder<1, 2, 4, 5> broken(
      [](std::size_t, const Sequence&, std::int32_t id) { return id == 3 ? std::nan("") : 1.0; });
  CHECK_THROWS_WITH(
      generate::beam_search(broken, 0, {}),
      test::contains("beam_search: logits of sequence 0: expected numbers below infinity, got"));
}

TEST_CASE("the penalty is that of its source") {
  CHECK(generate::length_penalty(1, 0.7) == 1);
  CHECK(generate::length_penalty(19, 0) == 1);
  CHECK(generate::length_penalty(19, 0.5) == Approx(2).epsilon(1e-15));
}
