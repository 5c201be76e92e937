#include "models.hpp"

namespace ctgrad::test {
namespace {

constexpr Size batch = 2, length = 6;
using Model = nn::LanguageModel<nn::SequenceModelShape{
    .vocabulary = 17,
    .length = length,
    .width = 12,
    .heads = 3,
    .hidden = 20,
    .options = {.activation = nn::Activation::gelu, .norm = nn::NormPlacement::pre}}>;
using Ids = Index<batch, length>;

constexpr auto forward = [](const auto& model, auto ids) { return model(ids); };
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};

}  // namespace

void export_language_model(ExportedFolder& folder) {
  Random random(Seed{2});
  const auto parameters = drawn_parameters<Model>(random);
  const Numbers ids = random_integers(random, Ids::shape, 17),
                targets = random_integers(random, Ids::shape, 17);
  export_program<forward, Model, Ids>(folder, Sort::model, "language model", "language_model", parameters,
                                      {ids}, true);
  export_program<value_and_grad(loss), Model, Ids, Ids>(
      folder, Sort::training, "language model", "language_model_step", parameters, {ids, targets}, false);
}

}  // namespace ctgrad::test
