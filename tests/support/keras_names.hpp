#pragma once

#include <ctgrad/io/keras_names.hpp>
#include <ctgrad/io/parameters.hpp>

/// The reference files hold parameters under Keras' names; this finds them for ours.
namespace ctgrad::test {

/// "encoder.layers.0.attention.query.weight" -> "transformer_blocks.0.att.query_dense.kernel"
inline std::string keras_name(const std::string& name) {
  return io::keras::transformer_model().find(name).name;
}

/// Fills every parameter from the file's array of its Keras name, after `prefix`.
template <class Model, class Scalar>
void load_keras(Parameters<Model, Scalar>& parameters, const io::Safetensors& file,
                const std::string& prefix = "") {
  io::load_parameters(file, parameters, io::keras::transformer_model(),
                      {.prefix = prefix, .ignore_unexpected = true, .narrow = true});
}

}  // namespace ctgrad::test
