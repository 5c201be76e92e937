#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>

#include <cstdio>
#include <cstring>

/// What a program of varying lengths gives: for every sentence what it gives alone, without padding.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

using Model = SentenceModel;
using Embedder = BucketedProgram<Lengths<4, 8, 12>, Batches<1, 3>, Embed{}, Model, Tokens>;
using Alone = SingleLengths<Embed{}, Model, 1, 4, 5, 12>;

constexpr double bar = 1e-6;

/// The largest difference of any sentence's vector from what a program of its own length gives.
template <class Vectors>
double error_of(const Vectors& vectors, const Parameters<Model>& parameters, const Sentences& sentences) {
  Alone alone;
  double largest = vectors.shape()[0] == sentences.size() ? 0 : 1;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    alone.at(sentences[i].size(), [&](auto& program) {
      const auto expected = program(parameters, as_array(sentences[i]));
      for (std::size_t j = 0; j < Model::width; ++j)
        largest = std::max(
            largest, std::abs(static_cast<double>(vectors(i, j)) - static_cast<double>(expected(0, j))));
    });
  }
  return largest;
}

template <Size Length, Size Rows>
using Only = BucketedProgram<Lengths<Length>, Batches<Rows>, Embed{}, Model, Tokens>;

}  // namespace

TEST_CASE("sentences of any lengths in any number are what each is alone, in the caller's order",
          "[buckets]") {
  Random random(Seed{seed()});
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  double largest = 0;
  for (const std::vector<std::size_t>& lengths : {std::vector<std::size_t>{4},
                                                  {12},
                                                  {5, 1},
                                                  {12, 1, 5, 1, 1, 4, 5},
                                                  {1, 1, 1, 1},
                                                  {5, 5, 5, 12, 12, 4, 4, 4}}) {
    const Sentences sentences = random_sentences(lengths, Model::vocabulary, random);
    largest = std::max(largest, error_of(embedder(parameters, sentences), parameters, sentences));
  }
  CHECK(largest < bar);
  std::printf("figure: a padded sentence from itself alone %.1e (bar %.0e)\n", largest, bar);
}

TEST_CASE("no sentence is an empty result", "[buckets]") {
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  const auto none = embedder(parameters, Sentences{});
  CHECK(none.shape()[0] == 0);
  CHECK(none.shape()[1] == 8);
}

TEST_CASE("parameters may lie anywhere in memory", "[buckets]") {
  Random random(Seed{seed()}, 3);
  const Parameters<Model> parameters{Seed{1}};
  Embedder embedder;
  const Sentences sentences = random_sentences({5, 12, 2}, Model::vocabulary, random);
  const xt::xtensor<float, 2> expected = embedder(parameters, sentences);
  CHECK((embedder(runtime::ArrayPointers<Model, float>(parameters), sentences) == expected));
}

TEST_CASE("a sentence is the same in every bucket that holds it, beside whatever others", "[buckets]") {
  Random random(Seed{seed()}, 1);
  const Parameters<Model> parameters{Seed{1}};
  Only<4, 1> exact;
  Only<12, 1> longer;
  Only<12, 3> beside;
  const Sentences one = random_sentences({3}, Model::vocabulary, random);
  Sentences three = one;
  for (const std::size_t tokens : {12u, 1u})
    three.push_back(random_sentence(tokens, Model::vocabulary, random));
  const auto expected = exact(parameters, one);
  CHECK(largest_difference(longer(parameters, one), expected) < bar);
  CHECK(largest_difference(beside(parameters, one), expected) < bar);
  const auto among = beside(parameters, three);
  for (std::size_t j = 0; j < Model::width; ++j)
    CHECK(std::abs(static_cast<double>(among(0, j)) - static_cast<double>(expected(0, j))) < bar);
}

TEST_CASE("what is hidden changes no bit: ids in the padding and in rows that are not there", "[buckets]") {
  Random random(Seed{seed()}, 2);
  const Parameters<Model> parameters{Seed{1}};
  constexpr Size rows = 3, length = 12;
  // The bucket itself, whose inputs are written here.
  using Program = Only<length, rows>;
  using Machine = Program::In<length, rows>::Part::Machine;
  Machine machine;
  std::array<std::int32_t, rows * length> ids{};
  const std::array<std::int32_t, rows> lengths{5, 5, 5};
  const std::array<bool, rows> present{true, false, false};
  std::vector<const void*> inputs;
  for (const FlatEntry& entry : parameters.entries())
    inputs.push_back(parameters.flat().data() + entry.offset);
  inputs.insert(inputs.end(), {ids.data(), lengths.data(), present.data()});
  const auto run = [&](std::int32_t padding, std::int32_t other) {
    Random same(Seed{7});
    for (Size i = 0; i < rows * length; ++i) {
      const bool is_token = i < 5;
      ids[static_cast<std::size_t>(i)] = is_token ? static_cast<std::int32_t>(same.below(Model::vocabulary))
                                         : i < length ? padding
                                                      : other;
    }
    machine.run(inputs.data(), runtime::InputLabels<Machine, Model, nn::TokenBatch<rows, length>>{});
    const auto* numbers = reinterpret_cast<const float*>(machine.output(0));
    return std::vector<float>(numbers, numbers + Model::width);
  };
  const std::vector<float> zeros = run(0, 0);
  const std::vector<float> others = run(17, 3);
  CHECK(std::memcmp(zeros.data(), others.data(), zeros.size() * sizeof(float)) == 0);
}
