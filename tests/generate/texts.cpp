#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/beam.hpp>
#include <ctgrad/generate/decoder_only.hpp>
#include <ctgrad/generate/greedy.hpp>
#include <ctgrad/generate/sample.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <cstdio>
#include <map>

namespace {

using namespace ctgrad;
using generate::Hypothesis;
using generate::Sequence;
using generate::Sequences;

constexpr nn::SequenceModelShape sizes{.vocabulary = 3,
                                       .length = 4,
                                       .width = 8,
                                       .heads = 2,
                                       .hidden = 8,
                                       .positions = nn::Positions::sinusoidal};
using Model = nn::LanguageModel<sizes>;
constexpr auto full = [](const auto& model, auto ids) { return model(ids); };
/// All sequences of 4 tokens at once.
using FullProgram = DoubleProgram<full, Model, Index<81, 4>>;
/// As many beams as there are sequences of up to 4 tokens that end, or of 4 that do not.
using Wide = generate::DecoderOnly<Model, 1, 31, double>;

Parameters<Model, double> drawn(std::uint64_t seed) {
  Parameters<Model, double> parameters{Seed{seed}};
  for (double& x : parameters.flat()) x *= 5;
  return parameters;
}

/// The logarithms of the probabilities of all tokens of all sequences that begin with token 0, by all tokens
/// up to them: of a prefix of n tokens after the 0, [n] entries.
std::map<Sequence, double> log_probabilities(const Parameters<Model, double>& parameters) {
  FullProgram program;
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({81, 4});
  for (std::size_t n = 0; n < 27; ++n) {
    std::size_t rest = n;
    for (std::size_t t = 1; t < 4; ++t, rest /= 3) ids(n, t) = static_cast<std::int32_t>(rest % 3);
  }
  const auto logits = program(parameters, ids);
  std::map<Sequence, double> found;
  for (std::size_t n = 0; n < 27; ++n) {
    double sum = 0;
    Sequence prefix;
    for (std::size_t t = 0; t < 4; ++t) {
      double all = 0;
      for (std::size_t id = 0; id < 3; ++id) all += std::exp(logits(n, t, id));
      for (std::int32_t id = 0; id < 3; ++id) {
        Sequence next = prefix;
        next.push_back(id);
        found[next] = sum + logits(n, t, id) - std::log(all);
      }
      if (t == 3) break;
      sum += logits(n, t, ids(n, t + 1)) - std::log(all);
      prefix.push_back(ids(n, t + 1));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a beam as wide as all sequences finds all, with the probabilities of the whole model") {
  Wide decoder;
  double largest = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const Parameters<Model, double> parameters = drawn(seed);
    const auto exact = log_probabilities(parameters);
    REQUIRE(exact.size() == 3 + 9 + 27 + 81);
    decoder.start(parameters);
    const auto found = generate::beam_search(decoder, 0, {.end = 1, .length_penalty = 0.8})[0];
    REQUIRE(found.size() == 31);
    double probability = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      Sequence tokens = found[i].tokens;
      if (found[i].ended) tokens.push_back(1);
      largest = std::max(largest, std::abs(found[i].log_probability - exact.at(tokens)));
      probability += std::exp(found[i].log_probability);
      if (i > 0) CHECK(found[i - 1].score >= found[i].score);
    }
    CHECK(std::abs(probability - 1) < 1e-12);
  }
  CHECK(largest < 1e-12);
  std::printf("figure: beam of all sequences against the whole model: %.2g (bar 1e-12)\n", largest);
}

TEST_CASE("the same texts are drawn in a batch of 31 and in one of 2, after prompts of any length") {
  const Parameters<Model, double> parameters = drawn(2);
  generate::DecoderOnly<Model, 2, 1, double> two;
  Wide many;
  two.start(parameters);
  many.start(parameters);
  Sequences prompts;
  for (std::int32_t n = 0; n < 31; ++n)
    prompts.push_back(n % 3 == 0 ? Sequence{n / 3 % 3} : Sequence{2, n % 3, n / 9 % 3});
  const generate::SampleOptions options{.temperature = 1.5, .end = 1};
  const Sequences all = generate::sample(many, prompts, options, Seed{5});
  for (std::size_t n = 0; n + 1 < 31; n += 2) {
    generate::SampleOptions from = options;
    from.first = n;
    const Sequences some = generate::sample(two, Sequences{prompts[n], prompts[n + 1]}, from, Seed{5});
    CAPTURE(n);
    CHECK(some == Sequences{all[n], all[n + 1]});
  }
  CHECK(generate::sample(two, Sequences{{0}, {2, 1}}, {.top_k = 1}, Seed{5}) ==
        generate::greedy(two, Sequences{{0}, {2, 1}}));
}

TEST_CASE("a text that moves to another row goes on there as it would have, with its own position") {
  const Parameters<Model, double> parameters = drawn(3);
  Wide decoder, moved;
  Sequences prompts(31, Sequence{0});
  prompts[1] = {2, 0, 1};
  prompts[2] = {1, 2};
  std::vector<std::int32_t> origins(31), ids(31, 2);
  for (std::size_t row = 0; row < 31; ++row) origins[row] = static_cast<std::int32_t>((row + 1) % 3);
  decoder.start(parameters, prompts);
  moved.start(parameters, prompts);
  moved.reorder(origins);
  CHECK(moved.position(0) == 3);
  CHECK(moved.position(1) == 2);
  CHECK(moved.position(30) == 3);
  const auto expected = decoder.next(ids);
  const auto logits = moved.next(ids);
  for (std::size_t row = 0; row < 31; ++row)
    for (std::size_t id = 0; id < 3; ++id) CHECK(logits(row, id) == expected((row + 1) % 3, id));
}

TEST_CASE("prompts give the logits of the whole model at their ends") {
  const Parameters<Model, double> parameters = drawn(4);
  generate::DecoderOnly<Model, 2, 1, double> decoder;
  const auto logits = decoder.start(parameters, Sequences{{0, 2}, {0, 2, 1, 2}});
  const auto exact = log_probabilities(parameters);
  const auto log_probability = [&](std::size_t row, std::size_t id) {
    double sum = 0;
    for (std::size_t other = 0; other < 3; ++other) sum += std::exp(logits(row, other));
    return logits(row, id) - std::log(sum);
  };
  for (std::int32_t id = 0; id < 3; ++id) {
    const auto at = static_cast<std::size_t>(id);
    CHECK(std::abs(log_probability(0, at) - (exact.at({2, id}) - exact.at({2}))) < 1e-12);
    CHECK(std::abs(log_probability(1, at) - (exact.at({2, 1, 2, id}) - exact.at({2, 1, 2}))) < 1e-12);
  }
  CHECK_THROWS_WITH(decoder.start(parameters, Sequences{{0}, {0, 1, 2, 0, 1}}),
                    "prefill: prompts[1]: expected 0 to 4 tokens, got 5");
  decoder.start(parameters, Sequences{{}, {0, 1, 2, 0}});
  CHECK(decoder.position(0) == 0);
  CHECK_THROWS_WITH(decoder.next(std::vector<std::int32_t>{generate::stay, 0}),
                    "next: position of sequence 1: expected one in [0, 4), got 4");
}

TEST_CASE("no token of a text allocates, in single precision") {
  const Parameters<Model> parameters{Seed{4}};
  generate::DecoderOnly<Model, 2> decoder;
  decoder.start(parameters);
  const auto allocated = [&](Size length) {
    const std::size_t before = test::allocations();
    generate::sample(decoder, 0, {.temperature = 0.7, .top_k = 2, .length = length}, Seed{1});
    return test::allocations() - before;
  };
  CHECK(allocated(1) == allocated(4));
}
