#pragma once

#include <ctgrad/io/npy_header.hpp>
#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/safetensors_writer.hpp>

/// NumPy's .npy files: one array of numbers.
namespace ctgrad::io {

/// Turns the bytes of every number round.
inline void swap_bytes(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t i = 0; i < bytes.size(); i += size) std::ranges::reverse(bytes.subspan(i, size));
}

/// Numbers of `size` bytes of which the first axis' neighbours lie side by side, row by row.
inline std::vector<std::byte> row_major(std::span<const std::byte> bytes, std::size_t size,
                                        std::span<const std::size_t> shape) {
  std::vector<std::byte> rows(bytes.size());
  std::vector<std::size_t> position(shape.size());
  for (std::size_t to = 0; to < bytes.size(); to += size) {
    std::size_t from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + position[axis];
    std::ranges::copy(bytes.subspan(from * size, size), rows.begin() + static_cast<std::ptrdiff_t>(to));
    for (std::size_t axis = shape.size(); axis-- > 0 && ++position[axis] == shape[axis];) position[axis] = 0;
  }
  return rows;
}

/// An array as a file holds it, checked; its bytes are row-major and little-endian. They lie in `contents`,
/// or in `memory` where they had to be brought into that order. `place` is what errors call the array within
/// the file. Throws NumpyError where the contents are no .npy file: see read_npy.
inline SafetensorsEntry npy_entry(std::string_view file, const std::string& place,
                                  std::span<const std::byte> contents, std::vector<std::byte>& memory) {
  const NpyHeader header = parse_npy_header(file, place + "header", contents);
  SafetensorsEntry entry{header.dtype, header.dtype_name, header.shape, contents.subspan(header.begin)};
  const std::optional<std::size_t> bytes = byte_count(header.dtype, header.shape);
  if (!bytes) throw NumpyError(file, place + "shape", "a size that can be addressed", "an overflow");
  if (header.dtype == Dtype::other) {
    if (header.column_major)
      throw NumpyError(file, place + "descr", "a type of known size in this order", header.dtype_name);
    return entry;
  }
  if (*bytes != entry.bytes.size()) {
    throw NumpyError(file, place + "data", std::to_string(*bytes) + " bytes for its shape",
                     std::to_string(entry.bytes.size()));
  }
  const std::size_t size = traits(header.dtype).bits / 8;
  const bool swapped = header.big_endian && size > 1;
  if (header.column_major && header.shape.size() > 1) {
    memory = row_major(entry.bytes, size, header.shape);
    entry.bytes = memory;
  } else if (swapped) {
    memory.assign(entry.bytes.begin(), entry.bytes.end());
    entry.bytes = memory;
  }
  if (swapped) swap_bytes(memory, header.dtype == Dtype::c64 ? size / 2 : size);
  return entry;
}

/// The bytes of a regular file. Throws std::system_error, naming file and cause.
inline std::vector<std::byte> read_bytes(InputFile& file) {
  try {
    if (!std::in_range<std::ptrdiff_t>(file.size())) throw std::bad_alloc();
    std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
    bytes.resize(file.read(bytes));
    return bytes;
  } catch (const std::bad_alloc&) {
    file.fail("reading " + std::to_string(file.size()) + " bytes", ENOMEM);
  }
}

/// The array of a .npy file.
class NpyArray {
 public:
  /// Takes a file's bytes; `file` is what errors call it. Throws as read_npy does.
  NpyArray(std::vector<std::byte> contents, std::string_view file) : tensors_("", {}, nullptr) {
    struct Memory {
      std::vector<std::byte> contents, ordered;
    };
    const auto memory = std::make_shared<Memory>();
    memory->contents = std::move(contents);
    const std::string shown_file = shown(file, 1000);
    Safetensors::Tensors tensors;
    tensors.emplace(name, npy_entry(shown_file, "", memory->contents, memory->ordered));
    tensors_ = Safetensors(file, std::move(tensors), memory);
  }

  Dtype dtype() const { return entry().dtype; }
  std::vector<std::size_t> shape() const { return entry().shape; }
  /// The numbers, row-major and little-endian; valid while a copy of this object lives.
  std::span<const std::byte> bytes() const { return entry().bytes; }
  const std::string& file() const { return tensors_.file(); }

  /// The numbers as an array of T, each of them exactly; refuses as Safetensors::read does.
  template <class T>
  xt::xarray<T> read() const {
    return tensors_.read<T>(name);
  }

 private:
  static constexpr const char* name = "array";

  SafetensorsEntry entry() const { return tensors_.at(name); }

  Safetensors tensors_;
};

/// Reads a .npy file of version 1.0, 2.0 or 3.0, in either order of axes and of bytes. Throws
/// std::system_error, naming file and cause, if it cannot be opened or read or is no regular file; and
/// NumpyError, naming file, place, what was expected and what is there, unless the header is a dictionary of
/// exactly the three keys that the format knows, and as many bytes follow as shape and type ask for, computed
/// without overflow. Of types without numbers (text, records, pickled objects) shape and bytes are given as
/// they are; nothing in them is run.
inline NpyArray read_npy(const std::filesystem::path& path) {
  InputFile file(path);
  return {read_bytes(file), path.native()};
}

/// The numbers of a .npy file as an array of T.
template <class T>
xt::xarray<T> read_npy(const std::filesystem::path& path) {
  return read_npy(path).read<T>();
}

/// The head of the file that holds such a tensor. Throws NumpyError if NumPy has no such type, or if the
/// tensor has not as many bytes as its shape and type ask for; `file` is what errors call it.
inline std::string npy_head(std::string_view file, const NamedTensor& tensor) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw NumpyError(file, "array " + in_quotes(tensor.name), expected, got);
  };
  if (npy_type(tensor.dtype).empty()) refuse("a type that NumPy has", std::string(traits(tensor.dtype).name));
  if (tensor.shape.size() > npy_rank_limit)
    refuse("at most " + std::to_string(npy_rank_limit) + " axes", std::to_string(tensor.shape.size()));
  const std::optional<std::size_t> bytes = byte_count(tensor.dtype, tensor.shape);
  if (!bytes) refuse("a shape of a size that can be addressed", "an overflow");
  if (*bytes != tensor.bytes.size())
    refuse(std::to_string(*bytes) + " bytes for its shape", std::to_string(tensor.bytes.size()));
  return npy_head(tensor.dtype, tensor.shape);
}

/// Writes the numbers of an xtensor array or expression as a .npy file, in the place of the one that is
/// there; after a failure that one is as it was. Throws WriteError, naming file and cause, as replace_file
/// does.
template <class E>
void write_npy(const std::filesystem::path& path, const xt::xexpression<E>& numbers) {
  using T = std::remove_cv_t<typename E::value_type>;
  const xt::xarray<T, xt::layout_type::row_major> rows(numbers);
  const std::vector<std::size_t> shape(rows.shape().begin(), rows.shape().end());
  const auto bytes = std::as_bytes(std::span<const T>(rows.data(), rows.size()));
  const std::string head = npy_head(shown(path.native(), 1000), {"array", dtype_of<T>(), shape, bytes});
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(head)), bytes};
  replace_file(path, pieces);
}

}  // namespace ctgrad::io
