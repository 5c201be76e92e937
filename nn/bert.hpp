#pragma once

#include <ctgrad/nn/sequence_model.hpp>

/// BERT (Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding",
/// 2018).
namespace ctgrad::nn {

/// The sizes of a BERT. The defaults are those of the base model without upper case; all-MiniLM-L6-v2 is
/// {.width = 384, .hidden = 1536, .layers = 6}.
struct BertShape {
  Size vocabulary = 30522;
  Size length = 512;  ///< tokens of a sequence, at most
  Size width = 768;
  Size heads = 12;
  Size hidden = 3072;
  std::size_t layers = 12;
  Size token_types = 2;  ///< the first text and the second
  bool pooler = true;    ///< see EncoderModel::pooled
  Head head = Head::none;
  Activation activation = Activation::gelu;
  Epsilon epsilon = {1e-12};
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
            .token_types = token_types,
            .embedding_norm = true,
            .embedding_dropout = dropout,
            .head = head,
            .pooler = pooler,
            .options = {.activation = activation,
                        .epsilon = epsilon,
                        .dropout = dropout,
                        .weight_dropout = weight_dropout,
                        .norm = NormPlacement::post}};
  }
};

/// ids [batch, T] -> [batch, T, width]: an EncoderModel, which says what may follow the ids. Its public
/// weights are found by io::hugging_face::bert().
template <BertShape S = BertShape{}>
using Bert = EncoderModel<S.model()>;

}  // namespace ctgrad::nn
