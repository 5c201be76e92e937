#pragma once

#include <ctgrad/io/parameters.hpp>
#include <ctgrad/runtime/array_view.hpp>

/// Parameters that are used where they lie in a file.
namespace ctgrad::io {

/// A model's parameters out of a file that is mapped into memory: programs take them as they take Parameters,
/// but nothing changes them. What the file holds as a program wants it, tables of embeddings say, is used
/// where it lies, and is read when it is looked at first; what it holds in another layout or type is copied.
/// Of a file that save_parameters wrote nothing is. Processes that map the same file share its memory.
///
/// Nothing may write the file in place or cut it off while this lives: see map_safetensors.
template <class T, class S = float>
class MappedParameters {
 public:
  using Model = T;
  using Scalar = S;

  /// Maps the file at `path`, or the shards of an index, and finds every parameter as load_parameters does.
  /// Throws what that throws, and std::invalid_argument where `options` allow parameters to be missing.
  explicit MappedParameters(const std::filesystem::path& path, const NameMap& names = {},
                            const LoadOptions& options = {})
      : file_(read_tensors(path, Access::map)) {
    if (options.allow_missing != nullptr) {
      throw std::invalid_argument(
          "MappedParameters: allow_missing: expected none, since a parameter that is missing has no numbers; "
          "load_parameters takes it");
    }
    TensorLoad<S> load(file_, options.narrow ? Conversion::rounding : Conversion::exact);
    load.want(entries(), {}, options.prefix, names);
    if (!options.ignore_unexpected) load.refuse_others(options.prefix, names);
    pointers_ = load.place(copies_);
  }

  /// Name and shape of every parameter.
  static const std::vector<FlatEntry>& entries() { return runtime::flat_entries<T, S>(); }

  /// Where every one begins, in the order of `entries`. Valid while this lives.
  const std::vector<const S*>& pointers() const { return pointers_; }

  /// The elements of the array of that name, valid while this lives. Throws std::out_of_range if there is
  /// none.
  std::span<const S> span(std::string_view name) const {
    for (std::size_t i = 0; i < entries().size(); ++i) {
      const FlatEntry& entry = entries()[i];
      if (entry.name == name) return {pointers_[i], static_cast<std::size_t>(entry.shape.size())};
    }
    throw std::out_of_range("no parameter is named '" + std::string(name) + "'; there are " +
                            runtime::names_in(entries()));
  }

 private:
  Safetensors file_;
  runtime::Pages copies_;
  std::vector<const S*> pointers_;
};

}  // namespace ctgrad::io
