#pragma once

#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/runtime/parameters.hpp>

#include <array>
#include <string>
#include <utility>

/// The reference files hold parameters under Keras' names; this finds them for ours.
namespace ctgrad::test {

/// "encoder.layers.0.attention.query.weight" -> "transformer_blocks.0.att.query_dense.kernel"
inline std::string keras_name(std::string name) {
  constexpr std::array<std::pair<const char*, const char*>, 15> words{{
      {"tokens.table", "embedding"},
      {"positions.table", "pos_embedding"},
      {"encoder.layers", "transformer_blocks"},
      {"attention_norm", "layernorm1"},
      {"feed_forward_norm", "layernorm2"},
      {"attention.query", "att.query_dense"},
      {"attention.key", "att.key_dense"},
      {"attention.value", "att.value_dense"},
      {"attention.output", "att.combine_heads"},
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
                const std::string& prefix = "") {
  for (const FlatEntry& entry : parameters.entries()) {
    const auto array = file.read<double>(prefix + keras_name(entry.name));
    const auto target = parameters.span(entry.name);
    if (array.size() != target.size())
      throw std::runtime_error("reference: " + entry.name + " has another size");
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<Scalar>(array.data()[i]);
  }
}

}  // namespace ctgrad::test
