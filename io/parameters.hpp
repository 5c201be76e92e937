#pragma once

#include <ctgrad/io/name_map.hpp>
#include <ctgrad/io/safetensors_index.hpp>
#include <ctgrad/io/safetensors_writer.hpp>
#include <ctgrad/io/tensor_load.hpp>
#include <ctgrad/runtime/parameters.hpp>

/// A model's parameters in safetensors files, by their names.
namespace ctgrad::io {

/// How parameters are looked for in a file.
struct LoadOptions {
  std::string prefix{};            ///< the file's names begin with it; tensors of others are left alone
  bool ignore_unexpected = false;  ///< leaves tensors alone that no parameter asks for
  bool narrow = false;             ///< rounds numbers to a smaller type, F64 to float
  bool map = false;  ///< maps the file into memory: quicker; see map_safetensors for what not to do
  /// Where it points to a list, parameters that the file has no tensor for stay as they are, and the list
  /// becomes their names. Without one they are refused.
  std::vector<std::string>* allow_missing = nullptr;
};

/// The arrays of a flat buffer as tensors to be written, with `prefix` before their names. The numbers must
/// stay until then.
template <class Scalar>
std::vector<NamedTensor> named_tensors(const std::vector<FlatEntry>& entries, std::span<const Scalar> flat,
                                       const std::string& prefix = "") {
  std::vector<NamedTensor> tensors;
  for (const FlatEntry& entry : entries) {
    tensors.push_back(named_tensor(prefix + entry.name, extents(entry.shape),
                                   flat.subspan(entry.offset, static_cast<std::size_t>(entry.shape.size()))));
  }
  return tensors;
}

/// Fills the arrays of a flat buffer, each from the tensor of the name, and in the layout, that the map
/// gives. Takes F32, F16 and BF16, and F64 as double; as float too, where `narrow` asks for it. Throws
/// TensorMismatch, listing every tensor that is missing, of another shape or type, or not expected; nothing
/// has changed then. Where tensors may be missing, one at least is there, or a prefix or a map is wrong.
template <class Scalar>
void load_tensors(const Safetensors& file, const std::vector<FlatEntry>& entries, std::span<Scalar> flat,
                  const NameMap& names = {}, const LoadOptions& options = {}) {
  TensorLoad<Scalar> load(file, options.narrow ? Conversion::rounding : Conversion::exact);
  if (options.allow_missing != nullptr) load.allow_missing();
  load.want(entries, flat, options.prefix, names);
  load.refuse_nothing(entries.size());
  if (!options.ignore_unexpected) load.refuse_others(options.prefix, names);
  load.finish();
  if (options.allow_missing != nullptr) *options.allow_missing = load.missing();
}

/// Writes every parameter under its name, as write_safetensors does.
template <class Model, class Scalar>
void save_parameters(const std::filesystem::path& path, const Parameters<Model, Scalar>& parameters,
                     const Metadata& metadata = {}) {
  write_safetensors(path, named_tensors(parameters.entries(), parameters.flat()), metadata);
}

/// Fills every parameter, as load_tensors does.
template <class Model, class Scalar>
void load_parameters(const Safetensors& file, Parameters<Model, Scalar>& parameters,
                     const NameMap& names = {}, const LoadOptions& options = {}) {
  load_tensors(file, parameters.entries(), parameters.flat(), names, options);
}

/// The same from the file at `path`, or from the shards of an index, NAME.safetensors.index.json. Throws
/// SafetensorsError too, as read_safetensors and read_safetensors_index do.
template <class Model, class Scalar>
void load_parameters(const std::filesystem::path& path, Parameters<Model, Scalar>& parameters,
                     const NameMap& names = {}, const LoadOptions& options = {}) {
  load_parameters(read_tensors(path, options.map ? Access::map : Access::read), parameters, names, options);
}

}  // namespace ctgrad::io
