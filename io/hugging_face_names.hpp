#pragma once

#include <ctgrad/io/pytorch_names.hpp>

/// Where public files of BERT and GPT-2 hold what our models hold: the names of Hugging Face's transformers.
namespace ctgrad::io::hugging_face {

/// A layer norm: files of the first years have gamma and beta.
inline NameMap layer_norm() {
  return {{"scale", "weight", layout::same, {"gamma"}}, {"shift", "bias", layout::same, {"beta"}}};
}

/// A block of a BERT as nn::EncoderLayer.
inline NameMap bert_layer() {
  return pytorch::linear().under("attention.query.", "attention.self.query.") +
         pytorch::linear().under("attention.key.", "attention.self.key.") +
         pytorch::linear().under("attention.value.", "attention.self.value.") +
         pytorch::linear().under("attention.output.", "attention.output.dense.") +
         layer_norm().under("attention_norm.", "attention.output.LayerNorm.") +
         pytorch::linear().under("feed_forward.expand.", "intermediate.dense.") +
         pytorch::linear().under("feed_forward.contract.", "output.dense.") +
         layer_norm().under("feed_forward_norm.", "output.LayerNorm.");
}

/// A BERT as nn::Bert, with "bert." before its names or without. Buffers and the heads of its pre-training
/// are left alone; a model without a pooler refuses a file that has one: see without_pooler.
inline NameMap bert() {
  const NameMap model = NameMap{{"tokens.table", "embeddings.word_embeddings.weight"},
                                {"positions.table", "embeddings.position_embeddings.weight"},
                                {"token_types.table", "embeddings.token_type_embeddings.weight"}} +
                        layer_norm().under("embedding_norm.", "embeddings.LayerNorm.") +
                        bert_layer().under("encoder.layers.*.", "encoder.layer.*.") +
                        pytorch::linear().under("pooler.", "pooler.dense.");
  return model.ignoring({"embeddings.position_ids", "embeddings.token_type_ids"})
      .or_under("bert.")
      .ignoring({"cls.predictions.bias", "cls.predictions.decoder.bias", "cls.predictions.decoder.weight",
                 "cls.predictions.transform.dense.bias", "cls.predictions.transform.dense.weight",
                 "cls.predictions.transform.LayerNorm.beta", "cls.predictions.transform.LayerNorm.bias",
                 "cls.predictions.transform.LayerNorm.gamma", "cls.predictions.transform.LayerNorm.weight",
                 "cls.seq_relationship.bias", "cls.seq_relationship.weight"});
}

/// Leaves a file's pooler alone: bert() + without_pooler(), for a model that has none.
inline NameMap without_pooler() {
  return NameMap().ignoring({"pooler.dense.weight", "pooler.dense.bias"}).or_under("bert.");
}

/// A Conv1D, which is a linear layer whose weight is [inputs, outputs] as ours.
inline NameMap conv1d() { return {{"weight", "weight"}, {"bias", "bias"}}; }

/// A block of a GPT-2 as nn::EncoderLayer: query, key and value lie side by side in c_attn [width, 3 width].
inline NameMap gpt2_layer() {
  NameMap map = conv1d().under("attention.output.", "attn.c_proj.") +
                layer_norm().under("attention_norm.", "ln_1.") +
                conv1d().under("feed_forward.expand.", "mlp.c_fc.") +
                conv1d().under("feed_forward.contract.", "mlp.c_proj.") +
                layer_norm().under("feed_forward_norm.", "ln_2.");
  std::size_t part = 0;
  for (const std::string projection : {"query", "key", "value"}) {
    map += NameMap{{"weight", "attn.c_attn.weight", {.part = part, .parts = 3, .axis = 1}},
                   {"bias", "attn.c_attn.bias", {.part = part, .parts = 3}}}
               .under("attention." + projection + ".", "");
    ++part;
  }
  return map.ignoring({"attn.bias", "attn.masked_bias"});
}

/// A GPT-2 as nn::Gpt2, with "transformer." before its names or without. Buffers are left alone; a head must
/// be the table of tokens once more.
inline NameMap gpt2() {
  const NameMap model = NameMap{{"tokens.table", "wte.weight"}, {"positions.table", "wpe.weight"}} +
                        gpt2_layer().under("layers.layers.*.", "h.*.") +
                        layer_norm().under("layers.norm.", "ln_f.");
  return model.or_under("transformer.").repeating({{"tokens.table", "lm_head.weight"}});
}

}  // namespace ctgrad::io::hugging_face
