#pragma once

#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/runtime/parameters.hpp>

#include <array>
#include <string>
#include <utility>

/// The reference files hold parameters under Keras' names; this finds them for ours.
namespace ctgrad::test {

/// "encoder.layers.0.attention.query.weight" -> "transformer_blocks.0.att.query_dense.kernel". `encoder`
/// stands before the names of an encoder's blocks: nothing, or "encoder." where there is a decoder beside it.
inline std::string keras_name(std::string name, const std::string& encoder = "") {
  const std::string last_norm = name.starts_with("decoder.") ? "layernorm3" : "layernorm2";
  const std::array<std::pair<const char*, std::string>, 25> words{{
      {"source_tokens.table", "encoder.embedding"},
      {"source_positions.table", "encoder.pos_embedding"},
      {"target_tokens.table", "decoder.embedding"},
      {"target_positions.table", "decoder.pos_embedding"},
      {"tokens.table", "embedding"},
      {"positions.table", "pos_embedding"},
      {"encoder.layers", encoder + "transformer_blocks"},
      {"decoder.layers", "decoder.transformer_blocks"},
      {"self_attention_norm", "layernorm1"},
      {"cross_attention_norm", "layernorm2"},
      {"attention_norm", "layernorm1"},
      {"feed_forward_norm", last_norm},
      {"self_attention.", "att."},
      {"cross_attention.", "cross."},
      {"attention.", "att."},
      {".query.", ".query_dense."},
      {".key.", ".key_dense."},
      {".value.", ".value_dense."},
      {".output.", ".combine_heads."},
      {"feed_forward.expand", "ffn.0"},
      {"feed_forward.contract", "ffn.1"},
      {"head.", "dense."},
      {"weight", "kernel"},
      {"scale", "gamma"},
      {"shift", "beta"},
  }};
  for (const auto& [ours, theirs] : words) {
    const std::size_t at = name.find(ours);
    if (at != std::string::npos) name.replace(at, std::string(ours).size(), theirs);
  }
  return name;
}

/// Fills every parameter from the file's array of its Keras name, after `prefix`.
template <class Model, class Scalar>
void load_keras(Parameters<Model, Scalar>& parameters, const io::Safetensors& file,
                const std::string& prefix = "", const std::string& encoder = "") {
  for (const FlatEntry& entry : parameters.entries()) {
    const auto array = file.read<double>(prefix + keras_name(entry.name, encoder));
    const auto target = parameters.span(entry.name);
    if (array.size() != target.size())
      throw std::runtime_error("reference: " + entry.name + " has another size");
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<Scalar>(array.data()[i]);
  }
}

}  // namespace ctgrad::test
