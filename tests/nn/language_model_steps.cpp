#include <nn/stepping.hpp>

#include <cstdio>

/// A language model that reads token by token.
namespace {

using namespace ctgrad;

constexpr Size batch = 3, length = 6, vocabulary = 11, width = 8;
using Each = Index<batch>;
using Ids = Index<batch, length>;

template <nn::Positions P, nn::NormPlacement N>
using Model = nn::LanguageModel<nn::SequenceModelShape{.vocabulary = vocabulary,
                                                       .length = length,
                                                       .width = width,
                                                       .heads = 2,
                                                       .hidden = 16,
                                                       .positions = P,
                                                       .options = {.norm = N}}>;

constexpr auto whole = [](const auto& model, auto ids) { return model(ids); };
constexpr auto step = [](const auto& model, auto ids, auto positions, auto cache) {
  return model.step(ids, positions, cache);
};

template <class S, nn::Positions P, nn::NormPlacement N>
double error_of_reading() {
  using M = Model<P, N>;
  using Cache = typename M::template Cache<batch>;
  using Step = BasicProgram<S, step, M, Each, Each, Cache>;
  STATIC_REQUIRE(count<ops::Attention>(Step::graph()) == 2);
  STATIC_REQUIRE(count<ops::Softmax>(Step::graph()) == 0);
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, 1, length)) == 0);
  STATIC_REQUIRE(test::stored<Step>(shape_of(batch, 2, length, width / 2)) == 4);

  Random random(Seed{test::seed()});
  const Parameters<M, S> parameters{Seed{3}};
  const auto ids = test::random_ids(batch, length, vocabulary, random);
  BasicProgram<S, whole, M, Ids> all;
  Step one;
  const auto logits = all(parameters, ids);
  const auto errors = test::errors_of_steps<Cache, S>(
      ids, logits,
      [&](const auto& tokens, const auto& positions, const auto& cache) {
        return one(parameters, tokens, positions, cache);
      },
      random);
  CHECK(errors.allocations == 0);
  return errors.largest;
}

}  // namespace

TEST_CASE("a language model gives the same logits token by token as of all tokens at once") {
  const double pre = error_of_reading<double, nn::Positions::learned, nn::NormPlacement::pre>();
  const double post = error_of_reading<double, nn::Positions::sinusoidal, nn::NormPlacement::post>();
  const double single = error_of_reading<float, nn::Positions::sinusoidal, nn::NormPlacement::pre>();
  CHECK(pre < 1e-12);
  CHECK(post < 1e-12);
  CHECK(single < 1e-5);
  std::printf(
      "figure: a language model token by token: pre-norm %.1e, post-norm %.1e (bar 1e-12), in float %.1e "
      "(bar "
      "1e-5)\n",
      pre, post, single);
}
