#include <ctgrad/generate/beam.hpp>
#include <ctgrad/generate/greedy.hpp>

#include <support/catch.hpp>
#include <support/views.hpp>

#include "table_decoder.hpp"

namespace {

using namespace ctgrad;
using test::Logit;
using test::Sequence;
using test::Sequences;
using test::TableDecoder;

/// What follows a prompt, one token after the other.
Sequence follow(const Logit& logit, std::size_t source, Sequence tokens, std::int32_t vocabulary,
                std::optional<std::int32_t> end, std::size_t length) {
  Sequence added;
  while (added.size() < length) {
    std::int32_t best = 0;
    for (std::int32_t id = 1; id < vocabulary; ++id)
      best = logit(source, tokens, id) > logit(source, tokens, best) ? id : best;
    if (best == end) break;
    added.push_back(best);
    tokens.push_back(best);
  }
  return added;
}

/// The same through a window of so many tokens, each as the definition says: from the first multiple of the
/// stride on that has room for all tokens before it.
Sequence follow_window(const Logit& logit, std::size_t source, const Sequence& prompt,
                       std::int32_t vocabulary, std::size_t window, std::size_t stride, std::size_t length) {
  Sequence tokens = prompt;
  while (tokens.size() < prompt.size() + length) {
    std::size_t begin = 0;
    while (tokens.size() - begin > window) begin += stride;
    const Sequence seen(tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.end());
    tokens.push_back(follow(logit, source, seen, vocabulary, {}, 1)[0]);
  }
  return {tokens.begin() + static_cast<std::ptrdiff_t>(prompt.size()), tokens.end()};
}

/// The same decoder, whose logits are the second half of a larger array; or, strided, a column of it.
template <bool Strided>
class ViewingDecoder : public TableDecoder<2, 2, 5, 6> {
 public:
  using TableDecoder::TableDecoder;

  auto next(std::span<const std::int32_t> ids) {
    const std::span<const double> logits = TableDecoder::next(ids);
    std::copy(logits.begin(), logits.end(), store_.data() + 4 * 5);
    if constexpr (Strided) {
      return xt::view(store_, xt::all(), 1);
    } else {
      return xt::view(store_, 1);
    }
  }

 private:
  xt::xtensor<double, 3> store_ = xt::zeros<double>({2, 4, 5});
};

}  // namespace

TEST_CASE("a decoder may give its logits as a dense view; another is refused") {
  const Logit logit = test::random_logits(5);
  TableDecoder<2, 2, 5, 6> decoder(logit);
  ViewingDecoder<false> viewing(logit);
  const Sequences prompts{{1, 2}, {3}};
  CHECK(generate::greedy(viewing, prompts, {.end = 0}) == generate::greedy(decoder, prompts, {.end = 0}));
  const auto found = generate::beam_search(viewing, prompts, {.end = 0});
  const auto expected = generate::beam_search(decoder, prompts, {.end = 0});
  for (std::size_t source = 0; source < 2; ++source)
    CHECK(found[source][0].tokens == expected[source][0].tokens);

  ViewingDecoder<true> strided(logit);
  CHECK_THROWS_WITH(
      generate::greedy(strided, prompts),
      "next: logits: expected row-major strides [5, 1], got [20, 1]; xt::xtensor<T, N>(x) is a dense copy");
}

TEST_CASE("every sequence of a batch is what it would be alone, wherever the others begin and end") {
  std::size_t shortest = 99, longest = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Logit logit = test::random_logits(seed);
    TableDecoder<4, 1, 5, 12> decoder(logit);
    const Sequences prompts{{0}, {1, 2, 3, 4}, {3, 3}, {2}};
    const Sequences got = generate::greedy(decoder, prompts, {.end = 2, .length = 8});
    for (std::size_t n = 0; n < 4; ++n) {
      CAPTURE(seed, n);
      CHECK(got[n] == follow(logit, n, prompts[n], 5, 2, 8));
      shortest = std::min(shortest, got[n].size());
      longest = std::max(longest, got[n].size());
    }
  }
  CHECK(shortest == 0);
  CHECK(longest == 8);
}

TEST_CASE("without an end a sequence goes on to its length, without a length as long as the decoder can") {
  const Logit logit = test::random_logits(5);
  TableDecoder<2, 1, 5, 6> decoder(logit);
  const Sequences prompts{{0, 1}, {0, 1, 2, 3, 4, 0}};
  const Sequences all = generate::greedy(decoder, prompts);
  CHECK(all[0] == follow(logit, 0, prompts[0], 5, {}, 5));
  CHECK(all[1] == follow(logit, 1, prompts[1], 5, {}, 1));
  CHECK(decoder.steps() == 6);
  CHECK(generate::greedy(decoder, Sequences{{0, 1}}, {.length = 3})[0] ==
        Sequence(all[0].begin(), all[0].begin() + 3));
  CHECK(generate::greedy(decoder, 4)[1] == follow(logit, 1, {4}, 5, {}, 6));
  CHECK(generate::greedy(decoder, Sequences{}).empty());
}

TEST_CASE("with a stride sequences go on beyond the decoder's length, through a window that slides") {
  for (const std::size_t stride : {1u, 2u, 3u, 5u, 6u}) {
    const Logit logit = test::random_logits(7);
    TableDecoder<4, 1, 5, 6> decoder(logit);
    const Sequences prompts{{0}, {1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0}, {3, 3}, {4, 4, 4, 4, 4, 4}};
    const auto step = static_cast<std::int64_t>(stride);
    const Sequences got = generate::greedy(decoder, prompts, {.length = 25, .stride = step});
    for (std::size_t n = 0; n < 4; ++n) {
      CAPTURE(stride, n);
      CHECK(got[n] == follow_window(logit, n, prompts[n], 5, 6, stride, 25));
    }
    // A long prompt costs no more tokens than its last window has, and alone it goes on as among others.
    TableDecoder<1, 1, 5, 6> one(
        [&](std::size_t, const Sequence& tokens, std::int32_t id) { return logit(1, tokens, id); });
    CHECK(generate::greedy(one, Sequences{prompts[1]}, {.length = 1, .stride = step}) ==
          Sequences{{got[1][0]}});
    CHECK(one.steps() <= 6);
  }
}

TEST_CASE("a window that slides ends sequences at their ends and lengths") {
  const Logit ends = [](std::size_t source, const Sequence& tokens, std::int32_t id) {
    return (id == 1) == (source == 1 && tokens.size() == 3 && tokens[0] == 2) ? 1.0 : 0.0;
  };
  TableDecoder<2, 1, 3, 3> decoder(ends);
  const Sequences got =
      generate::greedy(decoder, Sequences{{0, 2}, {2, 0, 2}}, {.end = 1, .length = 9, .stride = 2});
  CHECK(got == Sequences{Sequence(9, 0), {}});
  TableDecoder<1, 1, 3, 3> refusing(ends);
  const auto refused = [&](const generate::Stop& stop) { generate::greedy(refusing, 0, stop); };
  CHECK_THROWS_WITH(refused({.length = 5, .stride = 4}), "greedy: stride: expected one in [0, 3], got 4");
  CHECK_THROWS_WITH(refused({.length = 5, .stride = -1}), "greedy: stride: expected one in [0, 3], got -1");
  CHECK_THROWS_WITH(refused({.end = 1, .stride = 2}),
                    "greedy: length: expected at least 1, where a window slides without end, got 0");
  CHECK_THROWS_WITH(refused({.length = 5}),
                    "greedy: length: expected at most 3 after prompts[0] of 1 without a stride, got 5");
  CHECK(refusing.steps() == 0);
}

TEST_CASE("a step for nobody is not taken: decoding stops with the last sequence") {
  const Logit ends = [](std::size_t source, const Sequence& tokens, std::int32_t id) {
    return (id == 1) == (tokens.size() > 2 + source) ? 1.0 : 0.0;
  };
  TableDecoder<2, 1, 2, 50> decoder(ends);
  CHECK(generate::greedy(decoder, 0, {.end = 1}) == Sequences{{0, 0}, {0, 0, 0}});
  CHECK(decoder.steps() == 4);
}

TEST_CASE("of equal logits the first id is taken, and -infinity is an ordinary logit") {
  const Logit ties = [](std::size_t, const Sequence&, std::int32_t id) {
    return id == 0 ? -std::numeric_limits<double>::infinity() : id < 3 ? 2.0 : 1.0;
  };
  TableDecoder<1, 1, 4, 3, float> decoder(ties);
  CHECK(generate::greedy(decoder, 0)[0] == Sequence{1, 1, 1});
}

TEST_CASE("logits of another size than the decoder's are refused") {
  struct Short : TableDecoder<2, 2, 5, 6> {
    using TableDecoder::TableDecoder;
    auto next(std::span<const std::int32_t> ids) { return TableDecoder::next(ids).first(15); }
  };
  Short decoder(test::random_logits(5));
  CHECK_THROWS_WITH(generate::greedy(decoder, 0), "next: logits: expected 20 numbers, got 15");
  CHECK_THROWS_WITH(generate::beam_search(decoder, 0), "next: logits: expected 20 numbers, got 15");
}

TEST_CASE("there is nothing to go on with for sources that a decoder was not given") {
  struct One : TableDecoder<2, 2, 5, 6> {
    using TableDecoder::TableDecoder;
    std::size_t sources() const { return 1; }
  };
  One decoder(test::random_logits(5));
  CHECK(generate::greedy(decoder, 0).size() == 2);
  CHECK(generate::beam_search(decoder, 0).size() == 1);
  CHECK_THROWS_WITH(generate::greedy(decoder, Sequences(3, {0})),
                    "greedy: prompts: expected at most 2, got 3");
  CHECK_THROWS_WITH(generate::prefill(decoder, Sequences(3, {0})),
                    "prefill: prompts: expected at most 2, got 3");
}

TEST_CASE("the likeliest of logits that are none or no numbers is refused") {
  const auto likeliest = [](std::vector<double> logits) {
    return generate::likeliest(std::span<const double>(logits));
  };
  CHECK(likeliest({-1, 3, 3, 2}) == 1);
  CHECK(likeliest({-std::numeric_limits<double>::infinity(), -1e308}) == 1);
  CHECK_THROWS_WITH(likeliest({}), "likeliest: logits: expected at least 1, got 0");
  for (const std::size_t id : {0u, 1u, 3u}) {
    std::vector<double> logits{1, 2, 3, 4};
    logits[id] = std::nan("");
    CHECK_THROWS_WITH(likeliest(logits), test::contains("likeliest: logits: expected numbers, got") &&
                                             test::contains("nan for id " + std::to_string(id)));
  }
}

TEST_CASE("greedy refuses prompts and options that do not fit before a step is taken") {
  TableDecoder<2, 1, 4, 5> decoder(test::random_logits(1));
  const auto after = [&](const Sequences& prompts, const generate::GreedyOptions& options) {
    generate::greedy(decoder, prompts, options);
  };
  CHECK_THROWS_WITH(after({{0}}, {.end = -1}), "greedy: end: expected an id in [0, 4), got -1");
  CHECK_THROWS_WITH(after({{0}}, {.length = -3}), "greedy: length: expected at least 0, got -3");
  CHECK_THROWS_WITH(after({{0}, {1, 1, 1}}, {.length = 4}),
                    "greedy: length: expected at most 3 after prompts[1] of 3 without a stride, got 4");
  CHECK_THROWS_WITH(after({{0}, {}}, {}), "greedy: prompts[1]: expected 1 to 5 tokens, got 0");
  CHECK_THROWS_WITH(after({{0, 0, 0, 0, 0, 0}}, {}), "greedy: prompts[0]: expected 1 to 5 tokens, got 6");
  CHECK_THROWS_WITH(after({{0}, {3, 4}}, {}), "greedy: prompts[1][1]: expected an id in [0, 4), got 4");
  CHECK_THROWS_WITH(after({{generate::stay}}, {}), "greedy: prompts[0][0]: expected an id in [0, 4), got -1");
  CHECK_THROWS_WITH(after({{0}, {0}, {0}}, {}), "greedy: prompts: expected at most 2, got 3");
  CHECK_THROWS_WITH(generate::prefill(decoder, Sequences{{}, {}}),
                    "prefill: prompts: expected a token, got none");
  CHECK(decoder.steps() == 0);
}

TEST_CASE("logits that are no numbers are refused, naming sequence and id") {
  const auto decode = [](double x, bool all) {
    TableDecoder<2, 1, 3, 5> decoder([=](std::size_t source, const Sequence&, std::int32_t id) {
      return source == 1 && (all || id == 1) ? x : 0.0;
    });
    generate::greedy(decoder, 0);
  };
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(decode(std::nan(""), false),
                    test::contains("greedy: logits of sequence 1: expected numbers below infinity, got ") &&
                        test::contains("nan for id 1"));
  CHECK_THROWS_WITH(decode(infinity, false), test::contains("got inf for id 1"));
  CHECK_THROWS_WITH(decode(-infinity, true),
                    "greedy: logits of sequence 1: expected a finite number, got none");
  CHECK_NOTHROW(decode(-infinity, false));
}
