#include <nn/stepping.hpp>

#include <cstdio>

/// An encoder-decoder that decodes token by token.
namespace {

using namespace ctgrad;

constexpr Size batch = 3, source_length = 7, length = 6, vocabulary = 11, width = 8;
using Source = Index<batch, source_length>;
using Each = Index<batch>;
using Target = Index<batch, length>;

template <nn::Positions P, nn::NormPlacement N>
using Model = nn::Transformer<nn::TransformerShape{.source_vocabulary = 9,
                                                   .source_length = source_length,
                                                   .target_vocabulary = vocabulary,
                                                   .target_length = length,
                                                   .width = width,
                                                   .heads = 2,
                                                   .hidden = 16,
                                                   .positions = P,
                                                   .options = {.norm = N}}>;

constexpr auto whole = [](const auto& model, auto source, auto lengths, auto target) {
  return std::tuple{model(source, lengths, target), model.remember(source, lengths)};
};
constexpr auto step = [](const auto& model, auto ids, auto positions, auto cache, auto memory, auto lengths) {
  return model.step(ids, positions, cache, memory, lengths);
};

/// Sources of all lengths, none at all too; a step program that cannot do less.
template <class S, nn::Positions P, nn::NormPlacement N>
double error_of_decoding() {
  using M = Model<P, N>;
  using Cache = typename M::template Cache<batch>;
  using Memory = typename M::template Memory<batch>;
  using Step = BasicProgram<S, step, M, Each, Each, Cache, Memory, Each>;
  STATIC_REQUIRE(count<ops::Attention>(Step::graph()) == 4);
  STATIC_REQUIRE(count<ops::Softmax>(Step::graph()) == 0);
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, 1, length)) == 0);                 // scores
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, 1, source_length)) == 0);          // over memory
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, length, width / 2)) == 4);         // keys and values
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, source_length, width / 2)) == 0);  // only read

  Random random(Seed{test::seed()});
  const Parameters<M, S> parameters{Seed{3}};
  const auto source = test::random_ids(batch, source_length, 9, random);
  const auto target = test::random_ids(batch, length, vocabulary, random);
  const test::Ids1 lengths = {7, 3, 0};
  BasicProgram<S, whole, M, Source, Each, Target> all;
  Step one;
  const auto [logits, memory] = all(parameters, source, lengths, target);
  const State<Memory, S> remembered(memory);
  const auto errors = test::errors_of_steps<Cache, S>(
      target, logits,
      [&](const auto& ids, const auto& positions, const auto& cache) {
        return one(parameters, ids, positions, cache, remembered, lengths);
      },
      random);
  CHECK(errors.allocations == 0);

  const State<Cache, S> cache;
  const test::Ids1 inside = {0, 1, 5}, behind = {0, 1, 6}, before = {0, -1, 5};
  CHECK_NOTHROW(one.run(parameters, inside, inside, cache, remembered, lengths));
  CHECK_THROWS_AS(one.run(parameters, inside, behind, cache, remembered, lengths), std::out_of_range);
  CHECK_THROWS_AS(one.run(parameters, inside, before, cache, remembered, lengths), std::out_of_range);
  return errors.largest;
}

}  // namespace

TEST_CASE("decoding token by token gives the logits of decoding at once") {
  const double post = error_of_decoding<double, nn::Positions::learned, nn::NormPlacement::post>();
  const double pre = error_of_decoding<double, nn::Positions::sinusoidal, nn::NormPlacement::pre>();
  const double single = error_of_decoding<float, nn::Positions::learned, nn::NormPlacement::pre>();
  CHECK(post < 1e-12);
  CHECK(pre < 1e-12);
  CHECK(single < 1e-5);
  std::printf(
      "figure: decoding token by token: post-norm %.1e, pre-norm %.1e (bar 1e-12), in float %.1e (bar "
      "1e-5)\n",
      post, pre, single);
}
