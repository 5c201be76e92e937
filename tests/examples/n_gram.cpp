#include "../../examples/support/n_gram.hpp"

#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <numeric>

using Ids = std::vector<std::int32_t>;
using Stretches = std::vector<Stretch>;

namespace {

NGram model_of(int order, std::int32_t vocabulary, const Ids& ids) {
  return NGram(order, vocabulary, ids, Stretches{{0, ids.size()}});
}

double sum_over_next(const NGram& model, std::int32_t vocabulary, const Ids& before) {
  double sum = 0;
  for (std::int32_t next = 0; next < vocabulary; ++next) sum += model.probability(before, next);
  return sum;
}

/// Ids of a chain in which each depends on the two before it, so that contexts differ and many are not seen.
Ids chain(std::uint64_t seed, std::int32_t vocabulary, std::size_t length) {
  ctgrad::Random random(ctgrad::Seed{seed});
  Ids ids{0, 0};
  while (ids.size() < length) {
    const std::int32_t likely = (3 * ids.back() + ids[ids.size() - 2] + 1) % vocabulary;
    const bool surprising = random.below(3) == 0;
    ids.push_back(surprising ? static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(vocabulary)))
                             : likely);
  }
  return ids;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-14 * std::abs(b); }

}  // namespace

TEST_CASE("a trigram's probabilities by hand", "[n_gram]") {
  // 0 1 0 1 2 0 1 0: trigrams 010 twice, 101, 012, 120 and 201 once.
  const Ids text{0, 1, 0, 1, 2, 0, 1, 0};
  const NGram model = model_of(3, 4, text);
  // Trigrams: four counts are 1, one is 2. Bigrams, by different characters before them: 1 0 after 0; 0 1
  // after 1 and 2; 1 2 after 0; 2 0 after 1: three are 1, one is 2. Characters: 0 after 1 and 2; 1 after 0; 2
  // after 1.
  CHECK(close(model.discount(2), 4.0 / 6));
  CHECK(close(model.discount(1), 3.0 / 5));
  CHECK(close(model.discount(0), 2.0 / 4));
  const double p0 = 1.5 / 4 + 1.5 / 4 / 4, p1 = 0.5 / 4 + 1.5 / 4 / 4, p3 = 1.5 / 4 / 4;
  CHECK(close(model.probability(Ids{}, 0), p0));
  CHECK(close(model.probability(Ids{}, 1), p1));
  CHECK(close(model.probability(Ids{}, 3), p3));
  // After 1: 0 once and 2 once.
  const double p0_1 = 0.4 / 2 + 0.6 * 2 / 2 * p0, p3_1 = 0.6 * 2 / 2 * p3;
  CHECK(close(model.probability(Ids{1}, 0), p0_1));
  CHECK(close(model.probability(Ids{1}, 3), p3_1));
  // After 0 1: 0 twice and 2 once.
  const double d = 4.0 / 6;
  CHECK(close(model.probability(Ids{0, 1}, 0), (2 - d) / 3 + d * 2 / 3 * p0_1));
  CHECK(close(model.probability(Ids{2, 2, 0, 1}, 3), d * 2 / 3 * p3_1));
  // 3 1 was never seen, nor was 3.
  CHECK(close(model.probability(Ids{3, 1}, 0), p0_1));
  CHECK(close(model.probability(Ids{3, 3}, 0), p0));

  const TextLoss loss = model.loss(Ids{0, 1, 0, 3, 1, 0}, Stretches{{2, 3}, {5, 6}});
  CHECK(loss.characters == 2);
  CHECK(close(loss.mean, -(std::log((2 - d) / 3 + d * 2 / 3 * p0_1) + std::log(p0_1)) / 2));
}

TEST_CASE("a text's first characters are predicted from what there is before them", "[n_gram]") {
  const NGram model = model_of(3, 4, {0, 1, 0, 1, 2, 0, 1, 0});
  const Ids text{1, 0, 2};
  const TextLoss loss = model.loss(text, Stretches{{0, 3}});
  CHECK(loss.characters == 2);
  CHECK(close(loss.mean,
              -(std::log(model.probability(Ids{1}, 0)) + std::log(model.probability(Ids{1, 0}, 2))) / 2));
  CHECK(model.loss(text, Stretches{}).characters == 0);
}

TEST_CASE("probabilities sum to 1 and none is 0, seen or unseen contexts, any order", "[n_gram]") {
  constexpr std::int32_t vocabulary = 9;
  for (int order = 1; order <= 8; ++order) {
    for (const std::size_t length : {0u, 1u, 2u, 7u, 60u, 2000u}) {
      Ids text = chain(7, 7, std::max<std::size_t>(length, 2));  // two ids are never seen
      text.resize(length);
      const NGram model = model_of(order, vocabulary, text);
      ctgrad::Random random(ctgrad::Seed{8});
      INFO("order " << order << ", text of " << length << ", seeds 7 and 8");
      for (std::size_t i = 0; i < 100; ++i) {
        Ids before(random.below(10));
        for (std::int32_t& id : before) id = static_cast<std::int32_t>(random.below(vocabulary));
        CHECK(std::abs(sum_over_next(model, vocabulary, before) - 1) < 1e-12);
        for (std::int32_t next = 0; next < vocabulary; ++next) CHECK(model.probability(before, next) > 0);
      }
    }
  }
}

TEST_CASE("nothing outside the training stretches is counted", "[n_gram]") {
  Ids text = chain(11, 6, 300);
  const Stretches stretches{{0, 90}, {120, 300}};
  const NGram model(3, 6, text, stretches);
  for (std::size_t i = 90; i < 120; ++i) text[i] = 5 - text[i];
  const NGram other(3, 6, text, stretches);
  for (std::int32_t a = 0; a < 6; ++a) {
    for (std::int32_t b = 0; b < 6; ++b) {
      for (std::int32_t c = 0; c < 6; ++c)
        CHECK(model.probability(Ids{a, b}, c) == other.probability(Ids{a, b}, c));
    }
  }
}

TEST_CASE("a trigram finds what two characters tell about the third, where one tells nothing", "[n_gram]") {
  const Ids text = chain(12, 6, 4000);
  const Stretches training{{0, 3000}}, unseen{{3000, 4000}};
  const auto loss = [&](int order) { return NGram(order, 6, text, training).loss(text, unseen).mean; };
  // Two thirds of the time the likely one, else any of six.
  const double likely = 2.0 / 3 + 1.0 / 18;
  const double entropy = -likely * std::log(likely) - 5.0 / 18 * std::log(1.0 / 18);
  CHECK(std::abs(loss(3) - entropy) < 0.12);
  CHECK(loss(2) > std::log(6.0) - 0.05);
}

TEST_CASE("what an n-gram model cannot be made of is refused", "[n_gram]") {
  CHECK_THROWS_WITH(model_of(0, 4, {0}), "NGram: order: expected 1 to 8, got 0");
  CHECK_THROWS_WITH(model_of(9, 4, {0}), "NGram: order: expected 1 to 8, got 9");
  CHECK_THROWS_WITH(model_of(3, 257, {0}), "NGram: vocabulary: expected 1 to 256, got 257");
  CHECK_THROWS_WITH(model_of(3, 4, {0, 4}), "NGram: id: expected 0 to 3, got 4");
  CHECK_THROWS_WITH(NGram(3, 4, Ids{0}, Stretches{{0, 2}}),
                    "NGram: end of a stretch: expected at most 1, got 2");
}
