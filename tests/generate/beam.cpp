#include <ctgrad/generate/greedy.hpp>

#include <support/catch.hpp>

#include "exhaustive.hpp"

#include <cstdio>

namespace {

using namespace ctgrad;
using test::drawn_search;
using test::exhaustive;
using test::Hypotheses;
using test::Hypothesis;
using test::Logit;
using test::Search;
using test::Sequence;
using test::Sequences;
using test::TableDecoder;

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

template <std::size_t Width>
Hypotheses found_by(const Search& search) {
  TableDecoder<1, Width, 4, 10> decoder(search.logit);
  return generate::beam_search(decoder, Sequences{search.prompt}, search.options)[0];
}

/// What holds for every width.
template <std::size_t Width>
void check_width(const Search& search, const Hypothesis& greedy) {
  CAPTURE(Width);
  const Hypotheses found = found_by<Width>(search);
  REQUIRE(!found.empty());
  CHECK(found[0].score >= greedy.score);
  for (const Hypothesis& each : found) {
    const Hypothesis exact = search.of(each.tokens, each.ended);
    CHECK(std::abs(each.log_probability - exact.log_probability) < 1e-12);
    CHECK(std::abs(each.score - exact.score) < 1e-12);
  }
  check_equal(found, test::beams_to_the_length(search, Width));
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
        const Hypotheses all = exhaustive({logit, 3, options, source, prompts[source]});
        REQUIRE(all.size() == 31);
        check_equal(found[source], all);
      }
    }
  }
}

TEST_CASE("no width is worse than greedy, and none would find better by going on to the length") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Search search = drawn_search(seed);
    CAPTURE(seed, search.options.length, search.options.length_penalty);
    const Hypotheses one = found_by<1>(search);
    TableDecoder<1, 1, 4, 10> decoder(search.logit);
    const Sequence greedy =
        generate::greedy(decoder, Sequences{search.prompt}, {search.options.end, search.options.length})[0];
    REQUIRE(one.size() == 1);
    CHECK(one[0].tokens == greedy);
    check_width<1>(search, one[0]);
    check_width<2>(search, one[0]);
    check_width<3>(search, one[0]);
    check_width<5>(search, one[0]);
    check_width<9>(search, one[0]);
  }
}

TEST_CASE("beams of all that has not ended give the best of all that there is, however few they are") {
  std::size_t left_out = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Search search = drawn_search(seed);
    search.options.length = std::min<std::int64_t>(search.options.length, search.options.end ? 4 : 3);
    CAPTURE(seed, search.options.length, search.options.length_penalty);
    Hypotheses best = exhaustive(search);
    left_out += best.size() > 27 ? best.size() - 27 : 0;
    best.resize(std::min<std::size_t>(best.size(), 27));
    check_equal(found_by<27>(search), best);  // 3 tokens to the power of 3 that are not the end
  }
  CHECK(left_out > 1000);
}

TEST_CASE("so it is without an end") {
  const Logit logit = test::random_logits(3);
  TableDecoder<1, 81, 3, 4> decoder(logit);
  const auto found = generate::beam_search(decoder, 2);
  check_equal(found[0], exhaustive({logit, 3, {.length = 4}, 0, {2}}));
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
    const Hypotheses all = exhaustive({logit, 6, options});
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
      "figure: beams of 4 over a vocabulary of 6 and 5 tokens: the best of all in %d of 40, score %+.3f over "
      "greedy\n",
      best, gained / 40);
  CHECK(best > 20);
  CHECK(gained > 0);
}

TEST_CASE("a source's hypotheses do not depend on the other sources, and a done one waits") {
  std::size_t shortest = 99, longest = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Search search = drawn_search(seed);
    TableDecoder<3, 3, 4, 8> three(search.logit);
    generate::BeamOptions options = search.options;
    options.length = 0;
    const Sequences prompts{{0, 1, 2, 3}, {2}, {1, 1}};
    const auto all = generate::beam_search(three, prompts, options);
    for (std::size_t source = 0; source < 3; ++source) {
      TableDecoder<1, 3, 4, 8> one([&](std::size_t, const Sequence& tokens, std::int32_t id) {
        return search.logit(source, tokens, id);
      });
      check_equal(all[source], generate::beam_search(one, Sequences{prompts[source]}, options)[0]);
      shortest = std::min(shortest, all[source][0].tokens.size());
      longest = std::max(longest, all[source][0].tokens.size());
    }
  }
  CHECK(shortest == 0);
  CHECK(longest == 8);
}

TEST_CASE("a longer sequence that will have the better score is waited for") {
  // Greedy goes 0, 0, 0 and ends; ending at once or after one token is almost as likely, but short.
  const Logit logit = [](std::size_t, const Sequence& tokens, std::int32_t id) {
    return std::log(tokens.size() < 4 ? (id == 0 ? 0.62 : id == 1 ? 0.08 : 0.3) : (id == 2 ? 0.98 : 0.01));
  };
  const generate::BeamOptions options{.end = 2, .length = 6, .length_penalty = 0.6};
  TableDecoder<1, 1, 3, 8> one(logit);
  TableDecoder<1, 2, 3, 8> two(logit);
  const Hypotheses greedy = generate::beam_search(one, 1, options)[0];
  const Hypotheses found = generate::beam_search(two, 1, options)[0];
  CHECK(greedy[0].tokens == Sequence{0, 0, 0});
  CHECK(found[0].tokens == Sequence{0, 0, 0});
  CHECK(found[0].score == greedy[0].score);
  CHECK(found[1].tokens.empty());
}

TEST_CASE("a done source is not looked at, and holds no other back") {
  const double none = -std::numeric_limits<double>::infinity();
  // Source 0 ends at once, after one step of 3 rows of 3 logits; all that it gives later is no number.
  int given = 0;
  const Logit logit = [&](std::size_t source, const Sequence&, std::int32_t id) {
    if (source == 1) return id == 0 ? 1.0 : id == 1 ? 0.5 : none;
    return given++ >= 9 ? std::nan("") : id == 2 ? 0.0 : none;
  };
  TableDecoder<2, 3, 3, 6> decoder(logit);
  const auto found = generate::beam_search(decoder, 0, {.end = 2, .length = 5});
  REQUIRE(found[0].size() == 1);
  CHECK(found[0][0].tokens.empty());
  CHECK(found[0][0].ended);
  CHECK(found[1].size() == 3);
  CHECK(found[1][0].tokens == Sequence{0, 0, 0, 0, 0});
}

TEST_CASE("of equal scores the shorter, the ended, that of the better beam, the smaller id comes first") {
  TableDecoder<1, 7, 3, 4> decoder([](std::size_t, const Sequence&, std::int32_t) { return 0.25; });
  const Hypotheses found = generate::beam_search(decoder, 1, {.end = 2, .length = 2})[0];
  const Sequences expected{{}, {0}, {1}, {0, 0}, {0, 1}, {1, 0}, {1, 1}};
  REQUIRE(found.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(found[i].tokens == expected[i]);
    CHECK(found[i].ended == (i < 3));
  }
}

TEST_CASE("large logits keep their differences, in every precision") {
  TableDecoder<1, 2, 4, 3> decoder(
      [](std::size_t, const Sequence&, std::int32_t id) { return id < 2 ? 1e17 : -1e308; });
  TableDecoder<1, 2, 4, 3, float> single(
      [](std::size_t, const Sequence&, std::int32_t id) { return id < 2 ? 3e38 : -3e38; });
  Hypotheses found = generate::beam_search(decoder, 0, {.length = 3})[0];
  std::ranges::copy(generate::beam_search(single, 0, {.length = 3})[0], std::back_inserter(found));
  REQUIRE(found.size() == 4);
  for (const Hypothesis& each : found) CHECK(each.log_probability == Approx(-3 * std::log(2)).epsilon(1e-15));
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
                    "beam_search: length: expected at most 5 after prompts[0] of 1 without a stride, got 6");
  CHECK_THROWS_WITH(search({.length = -1}), "beam_search: length: expected at least 0, got -1");
  CHECK_THROWS_WITH(
      search({.length_penalty = -0.5}),
      test::contains("beam_search: length_penalty: expected a finite number of at least 0, got -0.5"));
  CHECK_THROWS_AS(search({.length_penalty = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_WITH(
      search({.length_penalty = 2000}),
      test::contains("beam_search: length_penalty: expected a power that is finite for 5 tokens"));
  CHECK_THROWS_WITH(generate::beam_search(decoder, Sequences{{0}, {1}}, {}),
                    "beam_search: prompts: expected at most 1, got 2");
  CHECK_THROWS_WITH(generate::beam_search(decoder, Sequences{{}}, {}),
                    "beam_search: prompts[0]: expected 1 to 5 tokens, got 0");
  CHECK(decoder.steps() == 0);
  CHECK(generate::beam_search(decoder, Sequences{}, {}).empty());
  CHECK_NOTHROW(search({.length = 1, .length_penalty = 2000}));
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
