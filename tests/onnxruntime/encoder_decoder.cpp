#include "models.hpp"

namespace ctgrad::test {
namespace {

constexpr Size batch = 3, source_length = 6, target_length = 5;
using Model = nn::Transformer<nn::TransformerShape{.source_vocabulary = 11,
                                                   .source_length = source_length,
                                                   .target_vocabulary = 9,
                                                   .target_length = target_length,
                                                   .width = 12,
                                                   .heads = 2,
                                                   .hidden = 16,
                                                   .positions = nn::Positions::sinusoidal}>;
using Source = Index<batch, source_length>;
using Lengths = Index<batch>;
using Target = Index<batch, target_length>;

constexpr auto forward = [](const auto& model, auto source, auto lengths, auto target) {
  return model(source, lengths, target);
};
constexpr auto loss = [](const auto& model, auto source, auto lengths, auto target, auto next) {
  return cross_entropy(model(source, lengths, target), next, as_real(next != 0));
};

}  // namespace

void export_encoder_decoder(ExportedFolder& folder) {
  Random random(Seed{3});
  const auto parameters = drawn_parameters<Model>(random);
  const Numbers source = random_integers(random, Source::shape, 11);
  const Numbers lengths = random_integers(random, Lengths::shape, source_length, 1);
  const Numbers target = random_integers(random, Target::shape, 9),
                next = random_integers(random, Target::shape, 9);
  export_program<forward, Model, Source, Lengths, Target>(
      folder, Sort::model, "encoder-decoder", "encoder_decoder", parameters, {source, lengths, target}, true);
  export_program<value_and_grad(loss), Model, Source, Lengths, Target, Target>(
      folder, Sort::training, "encoder-decoder", "encoder_decoder_step", parameters,
      {source, lengths, target, next}, false);
}

}  // namespace ctgrad::test
