#include <ctgrad/ctgrad.hpp>

#include <buckets/separate/embedder.hpp>

/// Buckets that lie in object files of their own are those that are compiled here.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

const Sentences sentences{{1, 2, 3}, {4, 5, 6, 7, 8, 9, 10}, {11}, {12, 13}, {14, 15, 16, 17, 18}};

}  // namespace

TEST_CASE("a program of buckets from elsewhere runs as any other", "[buckets]") {
  const Parameters<SentenceModel> parameters{Seed{1}};
  Embedder embedder;
  const xt::xtensor<float, 2> vectors = embedder(parameters, sentences);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto alone = embedder(parameters, Sentences{sentences[i]});
    for (std::size_t j = 0; j < 8; ++j)
      CHECK(std::abs(static_cast<double>(alone(0, j)) - static_cast<double>(vectors(i, j))) < 1e-6);
  }
  CHECK_THROWS_WITH(embedder(parameters, Sentences{{1}, {2, 20}}),
                    "argument 2[1][1] = 20 is not in [0, 20) of embedding 'tokens'");
}

TEST_CASE("buckets from elsewhere train", "[buckets]") {
  Parameters<SentenceModel> parameters{Seed{1}};
  Trainer step;
  Adam adam{parameters, {.learning_rate = 0.01}};
  const std::vector<std::int32_t> labels{0, 1, 2, 0, 1};
  const double first = static_cast<double>(step(parameters, sentences, labels).value);
  for (int i = 0; i < 100; ++i) adam.update(parameters, step(parameters, sentences, labels));
  CHECK(static_cast<double>(step(parameters, sentences, labels).value) < 0.5 * first);
}
