#include "models.hpp"

namespace ctgrad::test {
namespace {

constexpr Size batch = 3, length = 7;
using Model =
    nn::EncoderModel<nn::SequenceModelShape{.vocabulary = 13,
                                            .length = length,
                                            .width = 16,
                                            .heads = 2,
                                            .hidden = 24,
                                            .options = {.dropout = Rate{0.2}, .weight_dropout = Rate{0.1}}}>;
using Ids = Index<batch, length>;
using Seen = Mask<batch, 1, 1, length>;

constexpr auto forward = [](const auto& model, auto ids, auto mask) { return model(ids, mask); };
constexpr auto loss = [](const auto& model, auto ids, auto targets, auto mask) {
  return cross_entropy(model(ids, mask), targets);
};
constexpr auto dropped_loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cross_entropy(model(ids, key), targets);
};

}  // namespace

void export_encoder(ExportedFolder& folder) {
  Random random(Seed{1});
  const auto parameters = drawn_parameters<Model>(random);
  const Numbers ids = random_integers(random, Ids::shape, 13),
                targets = random_integers(random, Ids::shape, 13);
  Numbers seen = random_integers(random, Seen::shape, 2);
  for (std::size_t i = 0; i < length; ++i) seen.data()[i] = 0;  // of one sample no token is seen at all
  export_program<forward, Model, Ids, Seen>(folder, Sort::model, "encoder", "encoder", parameters,
                                            {ids, seen}, true);
  export_program<value_and_grad(loss), Model, Ids, Ids, Seen>(
      folder, Sort::training, "encoder", "encoder_step", parameters, {ids, targets, seen}, false);
  export_program<value_and_grad(dropped_loss), Model, Ids, Ids, Key>(
      folder, Sort::training, "encoder", "encoder_dropout_step", parameters,
      {ids, targets, random_key_words(random)}, false);
}

}  // namespace ctgrad::test
