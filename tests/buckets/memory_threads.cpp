#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>

#include <support/allocations.hpp>
#include <support/numbers_of.hpp>

#include <atomic>
#include <cstdio>
#include <thread>

/// The memory of a program of varying lengths: what it allocates, what results that are held keep, and that
/// one thread runs it at a time. The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

using Model = SentenceModel;
using Embedder = BucketedProgram<Lengths<4, 12>, Batches<3>, Embed{}, Model, Tokens>;
using Step =
    BucketedProgram<Lengths<4, 12>, Batches<2>, value_and_grad(ClassLoss{}), Model, Tokens, Each<Index<>>>;

/// The same numbers as a list that is compared bit for bit.
template <class Vectors>
std::vector<float> numbers_in(const Vectors& vectors) {
  return {vectors.begin(), vectors.end()};
}

/// Counts up: what it gives can be what it is given.
struct AddOne {
  constexpr auto operator()(const auto& text, const auto& numbers) const {
    static_cast<void>(text);
    return numbers + 1;
  }
};

struct LargeModel {
  BOOST_HANA_DEFINE_STRUCT(LargeModel,
    (nn::Embedding<20, 384>,          tokens),
    (nn::EncoderLayer<384, 6, 1536>,  layer));
  constexpr auto operator()(const auto& text) const {
    return text.mean_of_tokens(layer(tokens(text.ids), text.mask()));
  }
};

}  // namespace

TEST_CASE("calls allocate nothing once calls as large have been made", "[buckets]") {
  Random random(Seed{seed()});
  Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  Step step;
  Adam adam{parameters};
  const Sentences many = random_sentences({3, 12, 7, 1, 4, 9, 2}, 20, random);
  const Sentences few = random_sentences({12, 2}, 20, random);
  const std::vector<std::int32_t> labels(many.size(), 1), two(few.size(), 0);
  const auto round = [&] {
    double sum = 0;
    for (const Sentences* sentences : {&many, &few})
      sum += static_cast<double>(embedder(parameters, *sentences)(0, 0));
    const auto result = step(parameters, many, labels);
    adam.update(parameters, result);
    return sum + static_cast<double>(step(parameters, few, two).value);
  };
  static_cast<void>(round());
  static_cast<void>(round());
  const std::size_t before = allocations();
  double sum = 0;
  for (int i = 0; i < 5; ++i) sum += round();
  const std::size_t found = allocations() - before;
  CHECK(found == 0);
  CHECK(std::isfinite(sum));
  std::printf("figure: heap allocations of five rounds of embedding and training %zu (bar 0)\n", found);
}

TEST_CASE("results that are held keep their numbers through later calls of any size", "[buckets]") {
  Random random(Seed{seed()}, 1);
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  Step step;
  const Sentences short_ones = random_sentences({2, 3}, 20, random);
  const Sentences long_ones = random_sentences({12, 9, 11, 5, 12, 6, 7, 8, 9}, 20, random);
  const auto held = embedder(parameters, short_ones);
  const std::vector<float> before = numbers_in(held);
  const auto gradients = step(parameters, short_ones, std::vector<std::int32_t>{0, 1});
  const std::vector<float> gradients_before = numbers_of(gradients);
  for (int i = 0; i < 3; ++i) {
    const auto larger = embedder(parameters, long_ones);
    const std::vector<float> of_larger = numbers_in(larger);
    const auto smaller = embedder(parameters, short_ones);
    step.run(parameters, long_ones, std::vector<std::int32_t>(long_ones.size(), 2));
    CHECK(numbers_in(larger) == of_larger);
    CHECK(numbers_in(smaller) == before);
  }
  CHECK(numbers_in(held) == before);
  CHECK(numbers_of(gradients) == gradients_before);
  CHECK(numbers_of(step.result()) != gradients_before);
}

TEST_CASE("a result may be an argument, and outlives its program", "[buckets]") {
  const Sentences sentences{{1}, {2, 3}, {4}};
  xt::xtensor<float, 1> last;
  {
    BucketedProgram<Lengths<2>, Batches<2>, AddOne{}, Tokens, Each<Tensor<>>> add_one;
    auto counts = add_one(sentences, std::vector<float>{0, 10, 20});
    for (int i = 0; i < 5; ++i) counts = add_one(sentences, counts);
    last = counts;
    const auto kept = add_one(sentences, counts);
    CHECK((kept == xt::xtensor<float, 1>{7, 17, 27}));
  }
  CHECK((last == xt::xtensor<float, 1>{6, 16, 26}));
}

TEST_CASE("buckets that take turns in the arena leave each other's numbers alone", "[buckets]") {
  Random random(Seed{seed()}, 2);
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  std::vector<Sentences> calls;
  std::vector<std::vector<float>> expected;
  for (std::size_t tokens = 1; tokens <= 12; ++tokens) {
    calls.push_back(random_sentences(std::vector<std::size_t>(tokens % 4 + 1, tokens), 20, random));
    Embedder fresh;
    expected.push_back(numbers_in(fresh(parameters, calls.back())));
  }
  for (int i = 0; i < 60; ++i) {
    const std::size_t call = random.below(12);
    REQUIRE(numbers_in(embedder(parameters, calls[call])) == expected[call]);
  }
}

TEST_CASE("a program that runs in one thread refuses another", "[buckets]") {
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  const Sentences sentences(200, Sentence(12, 3));
  const std::vector<float> expected = numbers_in(embedder(parameters, sentences));
  std::atomic<int> refused{0}, wrong{0}, done{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&] {
        while (done < 3 || (refused == 0 && done < 5000)) {
          try {
            if (numbers_in(embedder(parameters, sentences)) != expected) ++wrong;
            ++done;
          } catch (const std::logic_error&) {
            ++refused;
          }
        }
      });
    }
  }
  CHECK(refused > 0);
  CHECK(wrong == 0);
}

TEST_CASE("the threads of a team share a bucket's calls, in the bits of one thread", "[buckets]") {
  const Parameters<LargeModel> parameters{Seed{1}};
  using Large = BucketedProgram<Lengths<64>, Batches<1>, Embed{}, LargeModel, Tokens>;
  Large alone, shared{Team{3}};
  CHECK(alone.facts(0, 0).is_shared);
  const Sentences sentences{Sentence(50, 7), Sentence(3, 1)};
  CHECK(numbers_in(alone(parameters, sentences)) == numbers_in(shared(parameters, sentences)));
}

TEST_CASE("the threads of a team compute runs at once, in the bits of one thread", "[buckets]") {
  Random random(Seed{seed()}, 3);
  const Parameters<Model> parameters{Seed{1}};
  Embedder alone, shared{Team{3}};
  std::vector<std::size_t> lengths(100);
  for (auto& tokens : lengths) tokens = 1 + random.below(12);
  for (int i = 0; i < 10; ++i) {
    const Sentences sentences = random_sentences(lengths, Model::vocabulary, random);
    REQUIRE(numbers_in(shared(parameters, sentences)) == numbers_in(alone(parameters, sentences)));
  }
  Sentences wrong(40, Sentence{1, 2});
  wrong[30][1] = 20;
  const std::vector<float> before = numbers_in(shared.result());
  CHECK_THROWS_WITH(shared(parameters, wrong),
                    "argument 2[30][1] = 20 is not in [0, 20) of embedding 'tokens'");
  CHECK(numbers_in(shared.result()) == before);
}
