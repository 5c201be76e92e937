#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>

/// The kinds of arguments and results of a program of varying lengths.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

/// Only what does not need a model, so that numbers are exact.
struct Echo {
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& text, const Tensor<Rows, 2>& pairs,
                            const Index<Rows>& labels, const Tensor<>& factor) const {
    const auto ids = as_real(text.ids);
    return std::tuple{text.each_token(ids * factor + 1), pairs * factor, labels, text.lengths};
  }
};
using Echoes =
    BucketedProgram<Lengths<3, 5>, Batches<2>, Echo{}, Tokens, Each<Tensor<2>>, Each<Index<>>, Tensor<>>;

/// The mean of a number for every sentence, by weights that the caller gives.
struct WeightedMeanOf {
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& text, const Tensor<Rows>& numbers,
                            const Tensor<Rows>& weights) const {
    return weighted_mean(numbers, weights * text.sequence_weights());
  }
};

struct MeanLength {
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& text) const {
    return text.mean(as_real(text.lengths));
  }
};

struct Drop {
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& text, const Key& key) const {
    return dropout(broadcast<Rows, 64>(reshape<Rows, 1>(as_real(text.lengths))), 0.5, key);
  }
};

const Sentences sentences{{1, 2}, {3, 4, 5, 6}, {7}, {8, 9, 10}, {11}};

}  // namespace

TEST_CASE("rows come back in the caller's order, tokens with zeros behind ends", "[buckets]") {
  Echoes echo;
  const xt::xtensor<float, 2> pairs{{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}};
  const std::vector<std::int64_t> labels{5, 4, 3, 2, 1};
  const auto& [ids, doubled, same, lengths] = echo(sentences, pairs, labels, 2);
  REQUIRE(ids.shape()[0] == 5);
  REQUIRE(ids.shape()[1] == 4);  // the longest of this call, not of the bucket
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    for (std::size_t t = 0; t < 4; ++t) {
      CHECK(ids(i, t) == (t < sentences[i].size() ? 2.0F * static_cast<float>(sentences[i][t]) + 1 : 0.0F));
    }
    CHECK(doubled(i, 0) == 2 * pairs(i, 0));
    CHECK(doubled(i, 1) == 2 * pairs(i, 1));
    CHECK(same(i) == labels[i]);
    CHECK(static_cast<std::size_t>(lengths(i)) == sentences[i].size());
  }
}

TEST_CASE("sequences are vectors, arrays or spans of any integers, in any list", "[buckets]") {
  BucketedProgram<Lengths<4>, Batches<2>, MeanLength{}, Tokens> mean_length;
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  const std::array<std::int64_t, 2> wide{1, 2};
  CHECK(mean_length(sentences) == Approx(11.0 / 5));
  CHECK(mean_length(std::vector<std::vector<std::int64_t>>{{1, 2, 3}}) == 3);
  CHECK(mean_length(std::array{std::span(bytes), std::span(bytes)}) == 3);
  CHECK(mean_length(std::span<const Sentence>(sentences).first(2)) == 3);
  CHECK(mean_length(std::vector{wide, wide, wide}) == 2);
}

TEST_CASE("a mean by weights is that of all sentences, whatever runs they are in", "[buckets]") {
  BucketedProgram<Lengths<3, 5>, Batches<2>, WeightedMeanOf{}, Tokens, Each<Tensor<>>, Each<Tensor<>>>
      program;
  const std::vector<float> numbers{1, 2, 3, 4, 5}, weights{0, 1, 2, 0, 5}, none(5, 0);
  CHECK(program(sentences, numbers, weights) == Approx((2 + 6 + 25) / 8.0));
  CHECK(program(sentences, numbers, none) == 0);
}

TEST_CASE("a key gives every sentence random numbers of its own, the same for the same call", "[buckets]") {
  BucketedProgram<Lengths<2>, Batches<2>, Drop{}, Tokens, Key> drop;
  const Sentences equal(5, Sentence{1, 1});
  const xt::xtensor<float, 2> first = drop(equal, random_key(Seed{3}, 0));
  const xt::xtensor<float, 2> again = drop(equal, random_key(Seed{3}, 0));
  const xt::xtensor<float, 2> next = drop(equal, random_key(Seed{3}, 1));
  CHECK((first == again));
  CHECK_FALSE((first == next));
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      bool differ = false;
      for (std::size_t j = 0; j < 64; ++j) differ = differ || first(i, j) != first(k, j);
      CHECK(differ);
    }
  }
}
