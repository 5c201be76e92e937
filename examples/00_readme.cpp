#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/toy.hpp>

#include <iostream>
namespace cg = ctgrad;

struct Model {  // layers and parameters, each with a name
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Embedding<16, 32>,         tokens),
    (cg::nn::PositionEmbedding<12, 32>, positions),
    (cg::nn::Encoder<2, 32, 2, 64>,     encoder),  // layers, width, heads, hidden
    (cg::nn::Linear<32, 16>,            head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};
constexpr auto loss = [](const auto& model, auto x, auto y) { return cg::cross_entropy(model(x), y); };

int main() {
  using Ids = cg::Index<32, 12>;  // a batch of 32 sequences of 12 ids
  cg::Parameters<Model> parameters{cg::Seed{1}};
  cg::Program<cg::value_and_grad(loss), Model, Ids, Ids> step;
  cg::Adam adam{parameters, {.learning_rate = 2e-3}};
  cg::toy::Sequences batches{
      cg::toy::Task::reverse, {.vocabulary = 16, .length = 12, .batch = 32}, cg::Seed{2}};
  for (int i = 1; i <= 1000; ++i) {
    const auto& [ids, targets] = batches.next();
    const auto result = step(parameters, ids, targets);
    adam.update(parameters, result);
    if (i % 200 == 0) std::cout << "step " << i << ": loss " << result.value << '\n';
  }
}
