#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/beam.hpp>
#include <ctgrad/generate/encoder_decoder.hpp>
#include <ctgrad/generate/greedy.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/views.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using generate::Sequence;
using generate::Sequences;
using generate::stay;

constexpr nn::TransformerShape sizes{.source_vocabulary = 7,
                                     .source_length = 5,
                                     .target_vocabulary = 6,
                                     .target_length = 6,
                                     .width = 8,
                                     .heads = 2,
                                     .hidden = 12};
using Model = nn::Transformer<sizes>;
constexpr auto full = [](const auto& model, auto source, auto lengths, auto target) {
  return model(source, lengths, target);
};
using FullProgram = DoubleProgram<full, Model, Index<2, 5>, Index<2>, Index<2, 6>>;
/// Three targets for each of two sources.
using Decoder = generate::EncoderDecoder<Model, 2, 3, double>;

/// Weights large enough that the tokens before and the source matter.
Parameters<Model, double> drawn(std::uint64_t seed) {
  Parameters<Model, double> parameters{Seed{seed}};
  for (double& x : parameters.flat()) x *= 4;
  return parameters;
}

const xt::xtensor<std::int32_t, 2> source{{1, 2, 3, 4, 5}, {6, 5, 0, 0, 0}};
const xt::xtensor<std::int32_t, 1> lengths{5, 2};
const Sequences sources{{1, 2, 3, 4, 5}, {6, 5}};

/// Of both sources, the greedy target by the full program, which computes all of it for every token.
Sequences greedy_by_full(const Parameters<Model, double>& parameters, std::int32_t end) {
  static FullProgram program;
  Sequences targets(2);
  for (std::size_t b = 0; b < 2; ++b) {
    xt::xtensor<std::int32_t, 2> target = xt::zeros<std::int32_t>({2, 6});
    for (std::size_t t = 0; t < 6; ++t) {
      const auto logits = program(parameters, source, lengths, target);
      std::int32_t best = 0;
      for (std::int32_t id = 1; id < 6; ++id) best = logits(b, t, id) > logits(b, t, best) ? id : best;
      if (best == end) break;
      targets[b].push_back(best);
      if (t < 5) target(b, t + 1) = best;
    }
  }
  return targets;
}

/// What the full program gives for all of a hypothesis after token 0; token 1 is the end.
double log_probability_by_full(const Parameters<Model, double>& parameters, std::size_t source_number,
                               const generate::Hypothesis& hypothesis) {
  static FullProgram program;
  Sequence tokens = hypothesis.tokens;
  if (hypothesis.ended) tokens.push_back(1);
  xt::xtensor<std::int32_t, 2> target = xt::zeros<std::int32_t>({2, 6});
  for (std::size_t t = 0; t + 1 < tokens.size(); ++t) target(source_number, t + 1) = tokens[t];
  const auto logits = program(parameters, source, lengths, target);
  double probability = 0;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    double all = 0;
    for (std::int32_t id = 0; id < 6; ++id) all += std::exp(logits(source_number, t, id));
    probability += logits(source_number, t, tokens[t]) - std::log(all);
  }
  return probability;
}

/// Elements of both that differ.
template <class A, class B>
int differing(const A& logits, const B& expected, std::size_t token) {
  int count = 0;
  for (std::size_t row = 0; row < 6; ++row)
    for (std::size_t id = 0; id < 6; ++id) count += logits(row, id) == expected(row / 3, token, id) ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("token by token the logits are those of the whole model, to the last bit") {
  const Parameters<Model, double> parameters = drawn(1);
  FullProgram program;
  Decoder decoder;
  const xt::xtensor<std::int32_t, 2> target{{0, 3, 1, 5, 5, 2}, {0, 4, 4, 1, 3, 0}};
  const auto expected = program(parameters, source, lengths, target);
  for (const bool as_lists : {false, true}) {
    if (as_lists) {
      decoder.start(parameters, sources);
    } else {
      decoder.start(parameters, source, lengths);
    }
    CHECK(decoder.sources() == 2);
    for (std::size_t t = 0; t < 6; ++t) {
      CAPTURE(t, as_lists);
      CHECK(decoder.position(5) == static_cast<Size>(t));
      const std::int32_t a = target(0, t), b = target(1, t);
      CHECK(differing(decoder.next(std::vector{a, a, a, b, b, b}), expected, t) == 0);
      CHECK(differing(decoder.next(std::vector(6, stay)), expected, t) == 0);
    }
  }
}

TEST_CASE("sources and lengths may be dense views; others are refused") {
  const Parameters<Model, double> parameters = drawn(2);
  const std::vector<std::int32_t> begin(6, 0);
  const xt::xtensor<std::int32_t, 3> batches{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
                                             {{1, 2, 3, 4, 5}, {6, 5, 0, 0, 0}}};
  const xt::xtensor<std::int32_t, 1> more{1, 1, 5, 2};
  Decoder decoder;
  decoder.start(parameters, xt::view(batches, 0), lengths);
  const xt::xtensor<double, 2> others = decoder.next(begin);
  decoder.start(parameters, source, lengths);
  const xt::xtensor<double, 2> expected = decoder.next(begin);
  decoder.start(parameters, xt::view(batches, 1), xt::view(more, xt::range(2, 4)));
  const xt::xtensor<double, 2> logits = decoder.next(begin);
  CHECK(logits == expected);
  CHECK_FALSE(logits == others);

  CHECK_THROWS_WITH(
      decoder.start(parameters, source, xt::view(more, xt::range(0, 4, 2))),
      "start: lengths: expected row-major strides [1], got [2]; xt::xtensor<T, N>(x) is a dense copy");
  CHECK_THROWS_WITH(
      decoder.start(parameters, xt::view(batches, xt::all(), 1), lengths),
      "argument 2: expected row-major strides [5, 1], got [10, 1]; xt::xtensor<T, N>(x) is a dense copy");
  CHECK_NOTHROW(decoder.next(begin));
}

TEST_CASE("greedy targets are those that the whole model gives, and so are the probabilities of hypotheses") {
  Decoder decoder;
  std::size_t tokens = 0;
  double largest = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const Parameters<Model, double> parameters = drawn(seed);
    decoder.start(parameters, sources);
    const Sequences targets = generate::greedy(decoder, 0, {.end = 1});
    const auto found = generate::beam_search(decoder, 0, {.end = 1});
    const Sequences expected = greedy_by_full(parameters, 1);
    REQUIRE(targets.size() == 6);
    for (std::size_t row = 0; row < 6; ++row) CHECK(targets[row] == expected[row / 3]);
    for (std::size_t b = 0; b < 2; ++b) {
      REQUIRE(found[b].size() == 3);
      tokens += targets[3 * b].size();
      for (const generate::Hypothesis& each : found[b]) {
        const double exact = log_probability_by_full(parameters, b, each);
        largest = std::max(largest, std::abs(each.log_probability - exact));
      }
    }
  }
  CHECK(tokens > 20);
  CHECK(largest < 1e-12);
  std::printf("figure: hypotheses of narrow beams against the whole model: %.2g (bar 1e-12)\n", largest);
}

TEST_CASE("fewer sources than the batch are decoded alone") {
  const Parameters<Model, double> parameters = drawn(3);
  Decoder decoder;
  decoder.start(parameters, sources);
  const auto both = generate::beam_search(decoder, 0, {.end = 1});
  decoder.start(parameters, Sequences{sources[1]});
  CHECK(decoder.sources() == 1);
  const auto one = generate::beam_search(decoder, 0, {.end = 1});
  REQUIRE(one.size() == 1);
  REQUIRE(one[0].size() == both[1].size());
  for (std::size_t i = 0; i < one[0].size(); ++i) {
    CHECK(one[0][i].tokens == both[1][i].tokens);
    CHECK(one[0][i].score == both[1][i].score);
  }
  CHECK(generate::greedy(decoder, 0).size() == 3);
}

TEST_CASE("neither a token nor a reordering allocates") {
  const Parameters<Model, double> parameters = drawn(4);
  Decoder decoder;
  decoder.start(parameters, source, lengths);
  const std::array<std::int32_t, 6> ids{0, 1, 2, 3, 4, 5}, origins{2, 0, 0, 4, 3, 5};
  double sum = 0;
  std::size_t before = test::allocations();
  for (int t = 0; t < 6; ++t) {
    sum += decoder.next(ids)(0, 0);
    decoder.reorder(origins);
  }
  const std::size_t of_steps = test::allocations() - before;

  const auto allocated = [&](Size length) {
    before = test::allocations();
    const Sequences targets = generate::greedy(decoder, 0, {.length = length});
    CHECK(targets[0].size() == static_cast<std::size_t>(length));
    return test::allocations() - before;
  };
  CHECK(std::isfinite(sum));
  CHECK(of_steps == 0);
  CHECK(allocated(1) == allocated(6));
  std::printf("figure: heap allocations of 6 tokens and reorderings: %zu (bar 0)\n", of_steps);
}

TEST_CASE("a decoder refuses what does not fit, and goes on as if nothing had been asked") {
  const Parameters<Model, double> parameters = drawn(5);
  FullProgram program;
  Decoder decoder;
  const std::vector<std::int32_t> begin(6, 0);
  CHECK_THROWS_WITH(decoder.next(begin), "decoder: expected a start first");
  CHECK_THROWS_AS(generate::greedy(decoder, 0), std::logic_error);
  decoder.start(parameters, source, lengths);
  xt::xtensor<std::int32_t, 2> target = xt::zeros<std::int32_t>({2, 6});
  const auto expected = program(parameters, source, lengths, target);
  CHECK(differing(decoder.next(begin), expected, 0) == 0);

  CHECK_THROWS_WITH(decoder.next(std::vector<std::int32_t>(5, 0)), "next: ids: expected 6 ids, got 5");
  CHECK_THROWS_WITH(decoder.next(std::vector<std::int32_t>{0, 0, 6, 0, 0, 0}),
                    "next: ids[2]: expected an id in [0, 6) or -1, got 6");
  CHECK_THROWS_WITH(decoder.reorder(std::vector<std::int32_t>{0, 1, 3, 3, 4, 5}),
                    "reorder: origins[2]: expected a row of source 0, got row 3");
  CHECK_THROWS_WITH(decoder.reorder(std::vector<std::int32_t>{0, 1}),
                    "Reorder: origins: expected 6 rows, got 2");
  CHECK_THROWS_WITH(decoder.start(parameters, source, xt::xtensor<std::int32_t, 1>{5, 6}),
                    "start: lengths[1]: expected one in [0, 5], got 6");
  CHECK_THROWS_WITH(decoder.start(parameters, xt::xtensor<std::int32_t, 2>{{1, 2}, {3, 4}}, lengths),
                    "argument 2: expected shape [2, 5], got [2, 2]; shapes are part of a Program's type, and "
                    "others are another Program's");
  CHECK_THROWS_WITH(decoder.start(parameters, Sequences{{1}, {1, 2, 3, 4, 5, 6}}),
                    "start: sources[1]: expected at most 5 tokens, got 6");
  CHECK_THROWS_WITH(decoder.start(parameters, Sequences(3)), "start: sources: expected at most 2, got 3");
  CHECK_THROWS_AS(decoder.start(parameters, Sequences{{7}}), std::out_of_range);
  CHECK_THROWS_WITH(decoder.position(6), "position: row: expected one in [0, 6), got 6");

  for (std::size_t t = 1; t < 6; ++t) CHECK(differing(decoder.next(begin), expected, t) == 0);
  std::vector<std::int32_t> one(6, stay);
  one[4] = 0;
  CHECK_THROWS_WITH(decoder.next(one), "next: position of sequence 4: expected one in [0, 6), got 6");
  CHECK_NOTHROW(decoder.next(std::vector(6, stay)));
}

TEST_CASE("what a diverged model left behind does not reach the next one") {
  Parameters<Model, double> broken = drawn(6);
  for (double& x : broken.flat()) x = std::nan("");
  const Parameters<Model, double> parameters = drawn(6);
  Decoder decoder;
  decoder.start(broken, sources);
  for (int t = 0; t < 6; ++t) decoder.next(std::vector<std::int32_t>(6, 0));
  CHECK_THROWS_AS(generate::greedy(decoder, 0), std::invalid_argument);
  decoder.start(parameters, sources);
  CHECK(generate::greedy(decoder, 0, {.end = 1})[0] == greedy_by_full(parameters, 1)[0]);
}
