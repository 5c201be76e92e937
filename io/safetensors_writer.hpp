#pragma once

#include <ctgrad/io/replace_file.hpp>
#include <ctgrad/io/safetensors_header.hpp>

#include <cstring>
#include <filesystem>
#include <memory>
#include <ranges>
#include <span>

/// Writing safetensors files, which read_safetensors gives back bit for bit.
namespace ctgrad::io {

/// A tensor to be written. The bytes lie elsewhere, and must until they are written.
struct NamedTensor {
  std::string name;
  Dtype dtype{};
  std::vector<std::size_t> shape;  ///< empty for a scalar
  std::span<const std::byte> bytes;
};

/// A tensor of the numbers of a contiguous range, row-major. What data() gives may lie before the range: of a
/// view it is where the memory begins that the view is of.
template <std::ranges::contiguous_range Numbers>
NamedTensor named_tensor(std::string name, std::vector<std::size_t> shape, const Numbers& numbers) {
  using T = std::remove_cv_t<std::ranges::range_value_t<Numbers>>;
  return {std::move(name), dtype_of<T>(), std::move(shape),
          std::as_bytes(
              std::span<const T>(std::to_address(std::ranges::begin(numbers)), std::ranges::size(numbers)))};
}

/// A tensor of rank 0; the number, too, must stay until it is written.
template <class T>
NamedTensor named_scalar(std::string name, const T& number) {
  return {std::move(name), dtype_of<T>(), {}, std::as_bytes(std::span<const T, 1>(&number, 1))};
}

/// The head of a file and what follows it: tensors by descending size of their numbers, then by name. So
/// equal tensors give equal files, and every number lies at a multiple of its size.
class SafetensorsImage {
 public:
  /// `file` is what errors call it. Throws SafetensorsError if two tensors have one name or a tensor has that
  /// of the metadata, if a tensor has not as many bytes as its shape and dtype ask for, if its dtype has no
  /// name, if a name or text is no UTF-8, and if the header grows longer than readers take.
  SafetensorsImage(std::string_view file, std::vector<NamedTensor> tensors, const Metadata& metadata)
      : file_(shown(file, 1000)), tensors_(std::move(tensors)) {
    std::ranges::sort(tensors_, [](const NamedTensor& a, const NamedTensor& b) {
      return std::pair(traits(b.dtype).bits, std::string_view(a.name)) <
             std::pair(traits(a.dtype).bits, std::string_view(b.name));
    });
    std::set<std::string_view> names{"__metadata__"};
    for (const NamedTensor& tensor : tensors_) {
      if (!names.insert(tensor.name).second) refuse(tensor.name, "a name of its own", "this one again");
      check_size(tensor);
    }
    make_head(metadata);
  }

  /// Everything that the file holds, in order. Valid while this object and the tensors' bytes are.
  std::vector<std::span<const std::byte>> pieces() const {
    std::vector<std::span<const std::byte>> pieces{std::as_bytes(std::span(head_))};
    for (const NamedTensor& tensor : tensors_) pieces.push_back(tensor.bytes);
    return pieces;
  }

  /// The whole file in one piece.
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> whole;
    for (const auto piece : pieces()) whole.insert(whole.end(), piece.begin(), piece.end());
    return whole;
  }

 private:
  static constexpr std::size_t prefix = 8, alignment = 8;

  void check_size(const NamedTensor& tensor) const {
    if (tensor.dtype == Dtype::other) refuse(tensor.name, "a type that has a name", "Dtype::other");
    const std::optional<std::size_t> bytes = byte_count(tensor.dtype, tensor.shape);
    if (!bytes) refuse(tensor.name, "a shape of a size that can be addressed", "an overflow");
    if (ends_inside_a_byte(tensor.dtype, tensor.shape)) {
      refuse(tensor.name, "a shape that fills whole bytes", shape_text(tensor.shape));
    }
    if (*bytes == tensor.bytes.size()) return;
    refuse(tensor.name, std::to_string(*bytes) + " bytes for its shape", std::to_string(tensor.bytes.size()));
  }

  /// The header's length and the header, with spaces up to the next multiple of the alignment.
  void make_head(const Metadata& metadata) {
    std::string json = make_json(metadata);
    json.append((alignment - (prefix + json.size()) % alignment) % alignment, ' ');
    if (json.size() > header_limit) {
      throw SafetensorsError(file_, "header", "at most " + std::to_string(header_limit) + " bytes",
                             std::to_string(json.size()));
    }
    head_.resize(prefix);
    const std::uint64_t length = json.size();
    std::memcpy(head_.data(), &length, prefix);
    head_ += json;
  }

  std::string make_json(const Metadata& metadata) const {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::size_t begin = 0;
    for (const NamedTensor& tensor : tensors_) {
      const std::size_t end = begin + tensor.bytes.size();
      header[tensor.name] = {{"dtype", std::string(traits(tensor.dtype).name)},
                             {"shape", tensor.shape},
                             {"data_offsets", {begin, end}}};
      begin = end;
    }
    try {
      return header.dump();
    } catch (const nlohmann::json::exception& error) {
      throw SafetensorsError(file_, "names and metadata", "UTF-8", shown(error.what()));
    }
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& expected,
                           const std::string& got) const {
    throw SafetensorsError(file_, "tensor " + in_quotes(name), expected, got);
  }

  std::string file_;
  std::vector<NamedTensor> tensors_;
  std::string head_;
};

/// Writes a file, in the place of the one that is there; after a failure that one is as it was. Throws
/// SafetensorsError as SafetensorsImage does, before anything is written, and WriteError, naming file and
/// cause, as replace_file does.
inline void write_safetensors(FileLock& file, std::vector<NamedTensor> tensors,
                              const Metadata& metadata = {}) {
  const SafetensorsImage image(file.place().given().string(), std::move(tensors), metadata);
  replace_file(file, image.pieces());
}

/// The same by the file's name. Throws WriteError too if somebody else is writing it: see FileLock.
inline void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                              const Metadata& metadata = {}) {
  const SafetensorsImage image(path.string(), std::move(tensors), metadata);
  replace_file(path, image.pieces());
}

}  // namespace ctgrad::io
