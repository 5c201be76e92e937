#pragma once

#include <ctgrad/io/keras_names.hpp>
#include <ctgrad/io/parameters.hpp>

/// The reference files hold parameters under Keras' names; this finds them for ours.
namespace ctgrad::test {

/// `encoder` stands before the names of an encoder's blocks: nothing, or "encoder." where there is a decoder
/// beside it.
inline io::NameMap keras_names(const std::string& encoder = "") {
  return io::NameMap{{"source_tokens.table", "encoder.embedding"},
                     {"source_positions.table", "encoder.pos_embedding"},
                     {"target_tokens.table", "decoder.embedding"},
                     {"target_positions.table", "decoder.pos_embedding"}} +
         io::keras::transformer_block().under("encoder.layers.*.", encoder + "transformer_blocks.*.") +
         io::keras::decoder_block().under("decoder.layers.*.", "decoder.transformer_blocks.*.") +
         io::keras::transformer_model();
}

/// "encoder.layers.0.attention.query.weight" -> "transformer_blocks.0.att.query_dense.kernel"
inline std::string keras_name(const std::string& name, const std::string& encoder = "") {
  return keras_names(encoder).find(name).name;
}

/// Fills every parameter from the file's array of its Keras name, after `prefix`.
template <class Model, class Scalar>
void load_keras(Parameters<Model, Scalar>& parameters, const io::Safetensors& file,
                const std::string& prefix = "", const std::string& encoder = "") {
  io::load_parameters(file, parameters, keras_names(encoder),
                      {.prefix = prefix, .ignore_unexpected = true, .narrow = true});
}

}  // namespace ctgrad::test
