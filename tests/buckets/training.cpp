#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>

#include <cstdio>

/// Losses and gradients over sentences of varying lengths: those of single sentences without padding,
/// weighed.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

using Model = SentenceModel;
using Step =
    BucketedProgram<Lengths<4, 12>, Batches<3>, value_and_grad(ClassLoss{}), Model, Tokens, Each<Index<>>>;
using TagStep = BucketedProgram<Lengths<12>, Batches<2>, value_and_grad(TagLoss{}), Model, Tokens, Tokens>;

constexpr double bar = 1e-6;

/// The programs of single sentences, by length.
template <auto F, class Target>
struct Alone {
  template <Size Length>
  using Of = Program<value_and_grad(F), Model, Index<1, Length>, typename Target::template Of<Length>>;
  std::tuple<Of<2>, Of<9>> programs;

  template <class Visit>
  void at(std::size_t length, const Visit& visit) {
    if (length == 2) visit(std::get<0>(programs));
    if (length == 9) visit(std::get<1>(programs));
  }
};
struct OneLabel {
  template <Size Length>
  using Of = Index<1>;
};
struct LabelEach {
  template <Size Length>
  using Of = Index<1, Length>;
};

/// The weighted mean of single sentences' losses and gradients, in double.
struct Expected {
  double weight = 0, loss = 0;
  std::vector<double> gradients = std::vector<double>(Parameters<Model>::size(), 0);

  template <class Result>
  void add(const Result& result, double of) {
    weight += of;
    loss += of * static_cast<double>(result.value);
    for (std::size_t i = 0; i < gradients.size(); ++i)
      gradients[i] += of * static_cast<double>(result.gradients.flat()[i]);
  }
  void finish() {
    loss /= weight;
    for (double& number : gradients) number /= weight;
  }
};

/// Of the largest one, or of 1 where that is less.
template <class G>
double error_of_gradients(const G& gradients, const Expected& expected) {
  double largest = 1;
  for (const double number : expected.gradients) largest = std::max(largest, std::abs(number));
  return largest_difference(gradients.flat(), expected.gradients) / largest;
}

std::vector<std::int32_t> random_labels(std::size_t count, Random& random) {
  return random_sentence(count, Model::classes, random);
}

const std::vector<std::size_t> lengths{2, 9, 2, 2, 9, 2, 9};

}  // namespace

TEST_CASE("the loss and gradients of sentences are the means of each alone", "[buckets]") {
  Random random(Seed{seed()});
  const Parameters<Model> parameters{Seed{1}};
  Step step;
  Alone<ClassLoss{}, OneLabel> alone;
  double largest = 0;
  for (std::size_t count : {std::size_t{1}, std::size_t{2}, lengths.size()}) {
    const std::vector<std::size_t> some(lengths.begin(),
                                        lengths.begin() + static_cast<std::ptrdiff_t>(count));
    // The last ids of the vocabulary and the first, which stands for padding, are in no sentence.
    Sentences sentences = random_sentences(some, 15, random);
    for (auto& sentence : sentences) {
      for (auto& id : sentence) ++id;
    }
    const std::vector<std::int32_t> labels = random_labels(count, random);
    Expected expected;
    for (std::size_t i = 0; i < count; ++i) {
      alone.at(some[i], [&](auto& program) {
        expected.add(program(parameters, as_array(sentences[i]), xt::xtensor<std::int32_t, 1>{labels[i]}), 1);
      });
    }
    expected.finish();
    const auto result = step(parameters, sentences, labels);
    largest = std::max(largest, std::abs(static_cast<double>(result.value) - expected.loss));
    largest = std::max(largest, error_of_gradients(result.gradients, expected));
    // Padding reaches no gradient: rows of ids that no sentence has, of positions that none has, and what
    // lies between arrays are 0 to the last bit.
    const std::size_t longest = *std::ranges::max_element(some);
    for (const std::size_t id : {0u, 16u, 19u}) {
      for (std::size_t j = 0; j < 8; ++j) CHECK(result.gradients["tokens.table"](id, j) == 0);
    }
    for (std::size_t t = longest; t < 12; ++t) {
      for (std::size_t j = 0; j < 8; ++j) CHECK(result.gradients["positions.table"](t, j) == 0);
    }
    double between = 0;
    for (const float number : result.gradients.flat()) between += std::abs(static_cast<double>(number));
    for (const FlatEntry& entry : result.gradients.entries()) {
      for (const float number : result.gradients.span(entry.name))
        between -= std::abs(static_cast<double>(number));
    }
    CHECK(std::abs(between) < 1e-9);
  }
  CHECK(largest < bar);
  std::printf("figure: loss and gradients of padded sentences from themselves alone %.1e (bar %.0e)\n",
              largest, bar);
}

TEST_CASE("a loss with a number for every token weighs sentences by their tokens", "[buckets]") {
  Random random(Seed{seed()}, 1);
  const Parameters<Model> parameters{Seed{1}};
  TagStep step;
  Alone<TagLoss{}, LabelEach> alone;
  const Sentences sentences = random_sentences(lengths, Model::vocabulary, random);
  const Sentences tags = random_sentences(lengths, Model::classes, random);
  Expected expected;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    alone.at(lengths[i], [&](auto& program) {
      expected.add(program(parameters, as_array(sentences[i]), as_array(tags[i])),
                   static_cast<double>(lengths[i]));
    });
  }
  expected.finish();
  const auto result = step(parameters, sentences, tags);
  CHECK(std::abs(static_cast<double>(result.value) - expected.loss) < bar);
  CHECK(error_of_gradients(result.gradients, expected) < bar);
}

TEST_CASE("training over mixed lengths is that of single lengths", "[buckets]") {
  Random random(Seed{seed()}, 2);
  Parameters<Model> mixed{Seed{1}};
  Parameters<Model> single = mixed;
  Sgd by_mixed{mixed, {.learning_rate = 0.1}};
  Sgd by_single{single, {.learning_rate = 0.1}};
  Step step;
  Alone<ClassLoss{}, OneLabel> alone;
  GradientSum<Model> sum;
  for (int i = 0; i < 10; ++i) {
    const Sentences sentences = random_sentences(lengths, Model::vocabulary, random);
    const std::vector<std::int32_t> labels = random_labels(lengths.size(), random);
    by_mixed.update(mixed, step(mixed, sentences, labels));
    sum.clear();
    for (std::size_t k = 0; k < sentences.size(); ++k) {
      alone.at(lengths[k], [&](auto& program) {
        sum.add(program(single, as_array(sentences[k]), xt::xtensor<std::int32_t, 1>{labels[k]}));
      });
    }
    by_single.update(single, sum.mean());
    REQUIRE(largest_difference(mixed.flat(), single.flat()) < 1e-5);
  }
}

TEST_CASE("a model learns sentences of mixed lengths", "[buckets]") {
  Random random(Seed{seed()}, 3);
  Parameters<Model> parameters{Seed{1}};
  Adam adam{parameters, {.learning_rate = 0.01}};
  Step step;
  const Sentences sentences = random_sentences(lengths, Model::vocabulary, random);
  const std::vector<std::int32_t> labels = random_labels(lengths.size(), random);
  const auto first = static_cast<double>(step(parameters, sentences, labels).value);
  for (int i = 0; i < 60; ++i) adam.update(parameters, step(parameters, sentences, labels));
  CHECK(static_cast<double>(step(parameters, sentences, labels).value) < 0.2 * first);
}
