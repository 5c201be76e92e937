#include <nn/stepping.hpp>

/// Whole models: what of a sequence a logit depends on, and where they drop.
namespace {

using namespace ctgrad;

constexpr Size batch = 2, length = 6, vocabulary = 11;
using Ids = Index<batch, length>;
using Source = Index<batch, 5>;
using Each = Index<batch>;

using Language =
    nn::LanguageModel<nn::SequenceModelShape{.vocabulary = vocabulary, .length = length, .width = 8}>;
using Pair = nn::Transformer<nn::TransformerShape{.source_vocabulary = 9,
                                                  .source_length = 5,
                                                  .target_vocabulary = vocabulary,
                                                  .target_length = length,
                                                  .width = 8,
                                                  .hidden = 16}>;

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
constexpr auto translate = [](const auto& model, auto source, auto lengths, auto target) {
  return model(source, lengths, target);
};
constexpr auto with_key = [](const auto& model, auto source, auto lengths, auto target, auto key) {
  return model(source, lengths, target, key);
};
constexpr auto with_key_by_hand = [](const auto& model, auto source, auto lengths, auto target, auto key) {
  const auto seen = nn::padding_mask<5>(lengths);
  const auto memory =
      model.encoder(model.source_positions(model.source_tokens(source)), seen, fold_in(key, 0));
  const auto x = model.target_positions(model.target_tokens(target));
  return model.head(model.decoder(x, memory, seen, fold_in(key, 1)));
};

/// Attentions that see no later token by their kind, and those that are told what they see by a mask.
template <class G>
constexpr std::pair<int, int> causal_and_masked(const G& graph) {
  std::pair<int, int> found{0, 0};
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    if (graph[id].operation != &operation<ops::Attention>) continue;
    const ops::AttentionForm form(graph[id].attributes);
    found.first += form.causal && !form.mask ? 1 : 0;
    found.second += form.mask && !form.causal ? 1 : 0;
  }
  return found;
}

/// Changes token t of the first sequence, for every t; `run(ids)` gives logits [batch, length, vocabulary].
template <class Run>
void check_no_later_token(const Run& run) {
  Random random(Seed{test::seed()});
  const auto ids = test::random_ids(batch, length, vocabulary, random);
  const xt::xtensor<double, 3> before = run(ids);
  for (std::size_t changed = 0; changed < length; ++changed) {
    auto other = ids;
    other(0, changed) = (ids(0, changed) + 1) % static_cast<std::int32_t>(vocabulary);
    const auto after = run(other);
    for (std::size_t b = 0; b < batch; ++b) {
      for (std::size_t t = 0; t < length; ++t) {
        const bool differs = !std::equal(&after(b, t, 0), &after(b, t, 0) + vocabulary, &before(b, t, 0));
        CHECK(differs == (b == 0 && t >= changed));
      }
    }
  }
}

/// The model of examples/07_keras_encoder.cpp, asked of the compiler: nothing here runs.
constexpr auto inference = [](const auto& model, auto ids) { return model(ids); };
constexpr auto training = [](const auto& model, auto ids, auto key) { return model(ids, key); };
using Usual = nn::EncoderModel<>;
template <auto Function, class... Arguments>
constexpr const auto& graph_of_usual = Frozen<runtime::Trace<Function, Usual, Arguments...>>::graph;

}  // namespace

TEST_CASE("the encoder model without arguments is the usual small Transformer in Keras") {
  STATIC_REQUIRE(std::is_same_v<decltype(inference(Usual{}, Index<1, 100>{})), Tensor<1, 100, 10000>>);
  STATIC_REQUIRE(count<ops::KeepMask>(graph_of_usual<inference, Index<1, 100>>) == 0);
  STATIC_REQUIRE(count<ops::KeepMask>(graph_of_usual<training, Index<1, 100>, Key>) == 4);
  STATIC_REQUIRE(count<ops::Attention>(graph_of_usual<inference, Index<1, 100>>) == 2);
  STATIC_REQUIRE(count<ops::Normalize>(graph_of_usual<inference, Index<1, 100>>) == 4);
  constexpr std::size_t block = 4 * (32 * 32 + 32) + 2 * 2 * 32 + 2 * (32 * 32 + 32);
  CHECK(Parameters<Usual>::count() == 10000 * 32 + 100 * 32 + 2 * block + 32 * 10000 + 10000);
}

TEST_CASE("no logit of a language model depends on a later token") {
  const Parameters<Language, double> parameters{Seed{1}};
  DoubleProgram<predict, Language, Ids> program;
  STATIC_REQUIRE(causal_and_masked(program.graph()) == std::pair{2, 0});
  check_no_later_token([&](const auto& ids) { return program(parameters, ids); });
}

TEST_CASE("no logit of an encoder-decoder depends on a later target, nor on padding of the source") {
  const Parameters<Pair, double> parameters{Seed{1}};
  DoubleProgram<translate, Pair, Source, Each, Ids> program;
  STATIC_REQUIRE(causal_and_masked(program.graph()) == std::pair{2, 4});
  test::Ids2 source = {{1, 2, 3, 4, 5}, {8, 7, 6, 5, 4}};
  const test::Ids1 lengths = {3, 0};
  check_no_later_token([&](const auto& ids) { return program(parameters, source, lengths, ids); });

  Random random(Seed{test::seed()});
  const auto ids = test::random_ids(batch, length, vocabulary, random);
  const xt::xtensor<double, 3> before = program(parameters, source, lengths, ids);
  source(0, 3) = 0;
  source(1, 0) = 0;
  const xt::xtensor<double, 3> padded = program(parameters, source, lengths, ids);
  CHECK(std::equal(before.begin(), before.end(), padded.begin()));
  source(0, 2) = 0;
  const auto other = program(parameters, source, lengths, ids);
  CHECK(other(0, 0, 0) != before(0, 0, 0));
  CHECK(other(1, 0, 0) == before(1, 0, 0));
}

TEST_CASE("an encoder-decoder drops with a key of its own in encoder and decoder, and not without one") {
  const Parameters<Pair, double> parameters{Seed{1}};
  DoubleProgram<with_key, Pair, Source, Each, Ids, Key> program;
  DoubleProgram<with_key_by_hand, Pair, Source, Each, Ids, Key> expected;
  STATIC_REQUIRE(count<ops::KeepMask>(program.graph()) == 2 * 2 + 2 * 3);
  Random random(Seed{test::seed()});
  const auto ids = test::random_ids(batch, length, vocabulary, random);
  const test::Ids2 source = {{1, 2, 3, 4, 5}, {8, 7, 6, 5, 4}};
  const test::Ids1 lengths = {3, 5};
  const auto key = random_key(Seed{4}, 1);
  const xt::xtensor<double, 3> found = program(parameters, source, lengths, ids, key);
  CHECK(test::largest_difference(found, expected(parameters, source, lengths, ids, key)) == 0);
  DoubleProgram<translate, Pair, Source, Each, Ids> plain;
  CHECK(test::largest_difference(found, plain(parameters, source, lengths, ids)) > 1e-3);
}
