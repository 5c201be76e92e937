#pragma once

#include <ctgrad/io/hugging_face_names.hpp>
#include <nn/reference_model.hpp>

#include <functional>

/// Files of public models in other forms: the reference files with some tensors renamed, added or left out.
namespace ctgrad::test {

/// What a tensor becomes: its new name, or nothing if it is left out.
using Rename = std::function<std::string(const std::string&)>;

/// The tensors of a reference file whose names begin with "model/", without that, renamed; and others.
inline io::Safetensors changed_file(const io::Safetensors& file, const Rename& rename,
                                    const std::vector<io::NamedTensor>& more = {}) {
  std::vector<io::NamedTensor> tensors = more;
  const std::string prefix = "model/";
  for (const std::string& name : file.names()) {
    const std::string renamed = name.starts_with(prefix) ? rename(name.substr(prefix.size())) : "";
    if (renamed.empty()) continue;
    const io::SafetensorsEntry entry = file.at(name);
    tensors.push_back({renamed, entry.dtype, entry.shape, entry.bytes});
  }
  return {io::SafetensorsImage("F", tensors, {}).bytes(), "F"};
}

/// `text` with the first `from` in it replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t found = text.find(from);
  return found == std::string::npos ? text : text.replace(found, from.size(), to);
}

/// A model's parameters out of a file of that form.
template <class Model>
Parameters<Model, double> loaded(const io::Safetensors& file, const io::NameMap& names) {
  Parameters<Model, double> parameters{Undrawn{}};
  io::load_parameters(file, parameters, names);
  return parameters;
}

/// Holds all gradients against those of a file, "grad/NAME", and gives the largest error. That of the bias of
/// keys is 0: what is left is noise.
template <class Gradients>
double check_public_gradients(const Gradients& gradients, const io::Safetensors& file,
                              const io::NameMap& names, double bar) {
  Parameters<typename Gradients::Model, double> expected{Undrawn{}};
  io::load_parameters(file, expected, names, {.prefix = "grad/"});
  double largest = 0;
  for (const FlatEntry& entry : Gradients::entries()) {
    INFO(entry.name);
    const std::span<const double> got = gradients.span(entry.name), wanted = expected.span(entry.name);
    const double error = entry.name.ends_with("attention.key.bias") ? largest_difference(got, wanted)
                                                                    : error_of_largest(got, wanted);
    CHECK(error < bar);
    largest = std::max(largest, error);
  }
  return largest;
}

}  // namespace ctgrad::test
