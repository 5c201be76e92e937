#pragma once

#include <ctgrad/nn/sequence_model.hpp>

/// GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019).
namespace ctgrad::nn {

/// The sizes of a GPT-2. The defaults are those of the smallest one, of 124 million parameters.
struct Gpt2Shape {
  Size vocabulary = 50257;
  Size length = 1024;  ///< tokens of a sequence, at most
  Size width = 768;
  Size heads = 12;
  Size hidden = 3072;
  std::size_t layers = 12;
  Activation activation = Activation::gelu_tanh;
  Epsilon epsilon = {1e-5};
  Rate dropout = Rate{0.1};         ///< of embeddings and within layers, where there is a key
  Rate weight_dropout = Rate{0.1};  ///< of attention's weights

  constexpr SequenceModelShape model() const {
    return {.vocabulary = vocabulary,
            .length = length,
            .width = width,
            .heads = heads,
            .hidden = hidden,
            .layers = layers,
            .positions = Positions::learned,
            .embedding_dropout = dropout,
            .head = Head::tied,
            .options = {.activation = activation,
                        .epsilon = epsilon,
                        .dropout = dropout,
                        .weight_dropout = weight_dropout,
                        .norm = NormPlacement::pre}};
  }
};

/// ids [batch, T] -> logits [batch, T, vocabulary]: a LanguageModel, which generate::DecoderOnly runs token
/// by token. Its public weights are found by io::hugging_face::gpt2().
template <Gpt2Shape S = Gpt2Shape{}>
using Gpt2 = LanguageModel<S.model()>;

}  // namespace ctgrad::nn
