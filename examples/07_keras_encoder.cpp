// The usual small Transformer in Keras' manner: embeddings of tokens and positions, two blocks of attention
// and feed-forward network, a layer of logits. 10000 kinds of tokens, sequences of 100, width 32, 2 heads, 32
// hidden. Its dropout of 0.1 needs a key, model(ids, key), so prediction has none.
#include <ctgrad/ctgrad.hpp>

#include "support/program.hpp"

#include <cstdio>

namespace cg = ctgrad;

namespace {

using Model = cg::nn::EncoderModel<>;
constexpr cg::nn::SequenceModelShape sizes;

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };

}  // namespace

int main() {
  return program::run("07_keras_encoder", [] {
    const cg::Parameters<Model> parameters{cg::Seed{1}};
    cg::Program<predict, Model, cg::Index<1, sizes.length>> program;

    xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{sizes.length}});
    cg::Random random(cg::Seed{2});
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.below(sizes.vocabulary));

    const auto logits = program(parameters, ids);
    std::printf("%zu parameters, %zu kernel calls\n", parameters.count(), program.kernel_calls());
    std::printf("(%zu, %zu, %zu)\n", logits.shape()[0], logits.shape()[1], logits.shape()[2]);
    return 0;
  });
}
