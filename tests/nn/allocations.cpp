#include <nn/stepping.hpp>

#include <cstdio>

/// What training of whole models asks the heap for: nothing.
namespace {

using namespace ctgrad;

constexpr Size batch = 4, length = 6, vocabulary = 16;
using Ids = Index<batch, length>;
using Each = Index<batch>;

constexpr nn::TransformerOptions options{.weight_dropout = Rate{0.1}};
constexpr nn::SequenceModelShape sequences{
    .vocabulary = vocabulary, .length = length, .width = 8, .hidden = 16, .layers = 1, .options = options};
using Encoder = nn::EncoderModel<sequences>;
using Language = nn::LanguageModel<sequences>;
using Pair = nn::Transformer<nn::TransformerShape{.source_vocabulary = vocabulary,
                                                  .source_length = length,
                                                  .target_vocabulary = vocabulary,
                                                  .target_length = length,
                                                  .width = 8,
                                                  .hidden = 16,
                                                  .encoder_layers = 1,
                                                  .decoder_layers = 1,
                                                  .positions = nn::Positions::sinusoidal,
                                                  .options = options}>;

constexpr auto loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cross_entropy(model(ids, key), targets);
};
constexpr auto padded_loss = [](const auto& model, auto ids, auto targets, auto lengths, auto key) {
  return cross_entropy(model(ids, nn::padding_mask<length>(lengths), key), targets,
                       nn::token_weights<length>(lengths));
};
constexpr auto pair_loss = [](const auto& model, auto source, auto lengths, auto ids, auto targets,
                              auto key) {
  return cross_entropy(model(source, lengths, ids, key), targets, nn::token_weights<length>(lengths));
};

/// The allocations of three steps with Adam.
template <auto Loss, class Model, class... Arguments, class... Inputs>
std::size_t allocations_of_training(const Inputs&... inputs) {
  Parameters<Model> parameters{Seed{1}};
  Program<value_and_grad(Loss), Model, Arguments..., Key> step;
  Adam adam{parameters};
  const std::size_t before = test::allocations();
  double sum = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto result = step(parameters, inputs..., random_key(Seed{2}, i));
    sum += static_cast<double>(result.value);
    adam.update(parameters, result.gradients);
  }
  const std::size_t found = test::allocations() - before;
  CHECK(std::isfinite(sum));
  CHECK(sum > 0);
  return found;
}

}  // namespace

TEST_CASE("training an encoder, a language model and an encoder-decoder with dropout allocates nothing") {
  Random random(Seed{test::seed()});
  const auto ids = test::random_ids(batch, length, vocabulary, random);
  const auto targets = test::random_ids(batch, length, vocabulary, random);
  const test::Ids1 lengths = {6, 3, 0, 1};
  const std::size_t encoder =
      allocations_of_training<padded_loss, Encoder, Ids, Ids, Each>(ids, targets, lengths);
  const std::size_t language = allocations_of_training<loss, Language, Ids, Ids>(ids, targets);
  const std::size_t pair =
      allocations_of_training<pair_loss, Pair, Ids, Each, Ids, Ids>(ids, lengths, ids, targets);
  CHECK(encoder == 0);
  CHECK(language == 0);
  CHECK(pair == 0);
  std::printf(
      "figure: heap allocations of three training steps: encoder %zu, language model %zu, encoder-decoder "
      "%zu "
      "(bar 0)\n",
      encoder, language, pair);
}
