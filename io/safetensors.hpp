#pragma once

#include <ctgrad/io/read_file.hpp>
#include <ctgrad/io/safetensors_cover.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xarray.hpp>
#endif

#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <utility>

/// Reading safetensors files: a length, a JSON header, and the numbers of named tensors, row-major,
/// little-endian. Source of the format: https://github.com/huggingface/safetensors
namespace ctgrad::io {

/// One tensor of a file.
struct SafetensorsEntry {
  Dtype dtype;
  std::string dtype_name;            ///< as the file spells it, fit to be shown
  std::vector<std::size_t> shape;    ///< empty for a scalar
  std::span<const std::byte> bytes;  ///< row-major, of any alignment; valid while a copy of the file lives
};

/// The contents of one file, or of several shards, all of it checked. Copies share the bytes.
class Safetensors {
 public:
  using Tensors = std::map<std::string, SafetensorsEntry, std::less<>>;

  /// Takes a file's bytes; `file` is what errors call it. Throws SafetensorsError if the bytes break any rule
  /// of the format: see read_safetensors.
  Safetensors(std::vector<std::byte> contents, std::string_view file);

  /// Reads a file that has just been opened, its data when its header is found to be sound. Throws as
  /// read_safetensors does.
  explicit Safetensors(InputFile& file);

  /// A file's bytes where they lie in memory, without a copy: see map_safetensors. Throws as the first does.
  Safetensors(std::shared_ptr<const std::byte> contents, std::size_t size, std::string_view file);

  /// Tensors whose bytes lie in memory that `owner` keeps. There is no metadata.
  Safetensors(std::string_view file, Tensors tensors, std::shared_ptr<const void> owner)
      : file_(shown(file, 1000)), tensors_(std::move(tensors)), owner_(std::move(owner)) {}

  /// The tensors' names, in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : tensors_) names.push_back(name);
    return names;
  }

  /// What errors call the file.
  const std::string& file() const { return file_; }

  const Metadata& metadata() const { return metadata_; }
  bool contains(std::string_view name) const { return tensors_.contains(name); }

  /// A tensor's type, shape and bytes. Throws SafetensorsError, listing what there is, if it is not there.
  SafetensorsEntry at(std::string_view name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
      throw SafetensorsError(file_, tensor_called(name), "a tensor of this name", known_names());
    }
    return found->second;
  }

  /// A tensor's numbers as an array of T, each of them exactly. A floating-point T takes any type all of
  /// whose numbers it holds (double: F64, F32, F16, BF16, integers up to 32 bits; float: F32, F16, BF16,
  /// integers up to 16 bits); an integer T takes any integers, if every one is in T's range; bool takes BOOL.
  /// Throws SafetensorsError otherwise, and if the tensor is not in the file or there is not the memory.
  template <class T>
  xt::xarray<T> read(std::string_view name) const;

 private:
  static constexpr std::size_t prefix = 8;

  std::string known_names() const;
  std::size_t header_length(std::span<const std::byte> head, std::uint64_t file_size) const;
  Header read_header(std::string_view json, std::size_t data_size) const;
  void take(Header header, std::span<const std::byte> data);
  void take(std::span<const std::byte> contents);

  template <class T, class Stored>
  T convert(std::string_view name, std::size_t index, const std::byte* bytes) const;

  std::string file_;
  Metadata metadata_;
  Tensors tensors_;
  std::shared_ptr<const void> owner_;  ///< of the memory in which the tensors lie
};

/// Reads a whole file. Throws std::system_error, naming file and cause, if it cannot be opened or read, if it
/// is no regular file, and if there is not the memory; and SafetensorsError, naming file, tensor, what was
/// expected and what is there, unless
///
/// - it holds eight bytes of header length (at most 100 MB) and the whole header;
/// - the header is a JSON object in UTF-8 that begins with '{' and holds no name or key twice;
/// - every entry is exactly dtype (a string), shape and data_offsets;
/// - __metadata__, if there, maps strings to strings;
/// - shapes and offsets are nonnegative integers;
/// - a tensor has as many bytes as its shape and dtype ask for, computed without overflow, unless nothing is
///   known of its dtype;
/// - the tensors cover the bytes after the header from first to last, without overlap or hole.
///
/// Numbers may be anything, NaN too, as the format says. Only who asks for the numbers of a type that cannot
/// be read is refused. A file that is replaced meanwhile is read as it was, or as it is then.
inline Safetensors read_safetensors(const std::filesystem::path& path) {
  InputFile file(path);
  try {
    return Safetensors(file);
  } catch (const std::bad_alloc&) {
    file.fail("reading " + std::to_string(file.size()) + " bytes", ENOMEM);
  }
}

/// The same without reading it: the file is mapped into memory, and only what is looked at is read, when it
/// is. Nothing may write the file in place or cut it off while a copy of the result lives, or numbers change,
/// or the process ends (SIGBUS); that it is replaced, as our writers do, does no harm.
inline Safetensors map_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  try {
    return {file.map(), static_cast<std::size_t>(file.size()), file.name()};
  } catch (const std::bad_alloc&) {
    file.fail("reading its header", ENOMEM);
  }
}

inline Safetensors::Safetensors(std::vector<std::byte> contents, std::string_view file)
    : file_(shown(file, 1000)) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(contents));
  owner_ = owner;
  take(*owner);
}

inline Safetensors::Safetensors(std::shared_ptr<const std::byte> contents, std::size_t size,
                                std::string_view file)
    : file_(shown(file, 1000)), owner_(contents) {
  take({contents.get(), size});
}

inline Safetensors::Safetensors(InputFile& file) : file_(file.name()) {
  const auto read = [&](const char* what, std::span<std::byte> bytes) {
    const std::size_t got = file.read(bytes);
    if (got == bytes.size()) return;
    throw SafetensorsError(file_, what, std::to_string(bytes.size()) + " bytes",
                           std::to_string(got) + ", as the file was cut off while it was read");
  };
  std::array<std::byte, prefix> begin{};
  const auto head = std::span(begin).first(std::min<std::uint64_t>(prefix, file.size()));
  read("header length", head);
  const std::size_t length = header_length(head, file.size());
  std::string json(length, ' ');
  read("header", std::as_writable_bytes(std::span(json)));
  const std::uint64_t rest = file.size() - prefix - length;
  if (!std::in_range<std::ptrdiff_t>(rest)) throw std::bad_alloc();
  const auto size = static_cast<std::size_t>(rest);
  Header header = read_header(json, size);
  const std::shared_ptr<std::byte[]> data(new std::byte[size]);  // not filled: it may be gigabytes
  read("data", {data.get(), size});
  owner_ = data;
  take(std::move(header), {data.get(), size});
}

inline std::string Safetensors::known_names() const {
  constexpr std::size_t most = 20;
  if (tensors_.empty()) return "no tensors";
  std::string text = "only";
  std::size_t listed = 0;
  for (const auto& [name, entry] : tensors_) {
    if (listed++ == most) return text + " and " + std::to_string(tensors_.size() - most) + " more";
    text += " " + in_quotes(name);
  }
  return text;
}

/// The length of the header of a file that begins with `head`: 8 bytes, or all if it has fewer.
inline std::size_t Safetensors::header_length(std::span<const std::byte> head,
                                              std::uint64_t file_size) const {
  if (head.size() < prefix) {
    throw SafetensorsError(file_, "is no safetensors file: header length", "8 bytes",
                           "a file of " + std::to_string(file_size));
  }
  const auto length = load<std::uint64_t>(head.data());
  const std::uint64_t most = std::min<std::uint64_t>(header_limit, file_size - prefix);
  if (length > most) {
    // A shorter one may be that of a file of which the end is missing.
    const char* place = length > header_limit ? "is no safetensors file: header length" : "header length";
    throw SafetensorsError(file_, place, "at most " + std::to_string(most) + " bytes",
                           std::to_string(length));
  }
  return static_cast<std::size_t>(length);
}

/// The header of a file with so many bytes of data behind it.
inline Header Safetensors::read_header(std::string_view json, std::size_t data_size) const {
  Header header = parse_header(file_, json);
  for (const auto& [name, entry] : header.tensors) check_size(file_, name, entry, data_size);
  check_cover(file_, header, data_size);
  return header;
}

inline void Safetensors::take(std::span<const std::byte> contents) {
  const std::size_t length =
      header_length(contents.first(std::min(prefix, contents.size())), contents.size());
  const std::span<const std::byte> data = contents.subspan(prefix + length);
  take(read_header({reinterpret_cast<const char*>(contents.data()) + prefix, length}, data.size()), data);
}

/// Says where in the data every tensor lies.
inline void Safetensors::take(Header header, std::span<const std::byte> data) {
  metadata_ = std::move(header.metadata);
  for (auto& [name, entry] : header.tensors) {
    const std::span<const std::byte> bytes = data.subspan(entry.begin, entry.end - entry.begin);
    tensors_.emplace_hint(
        tensors_.end(), name,
        SafetensorsEntry{entry.dtype, std::move(entry.dtype_name), std::move(entry.shape), bytes});
  }
}

template <class T, class Stored>
T Safetensors::convert(std::string_view name, std::size_t index, const std::byte* bytes) const {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw SafetensorsError(file_, tensor_called(name) + ": number " + std::to_string(index), expected, got);
  };
  if constexpr (std::same_as<Stored, bool>) {
    const auto byte = load<std::uint8_t>(bytes);
    if (byte > 1) refuse("0 or 1", std::to_string(byte));
    return byte == 1;
  } else if constexpr (Integer<Stored> && Integer<T>) {
    const auto number = load<Stored>(bytes);
    if (!std::in_range<T>(number)) {
      refuse("at least " + std::to_string(std::numeric_limits<T>::min()) + " and at most " +
                 std::to_string(std::numeric_limits<T>::max()),
             std::to_string(number));
    }
    return static_cast<T>(number);
  } else if constexpr (std::same_as<Stored, Half> || std::same_as<Stored, Bfloat16>) {
    return static_cast<T>(static_cast<float>(load<Stored>(bytes)));
  } else {
    return static_cast<T>(load<Stored>(bytes));
  }
}

template <class T>
xt::xarray<T> Safetensors::read(std::string_view name) const {
  const SafetensorsEntry entry = at(name);
  xt::xarray<T> result;
  const bool readable = visit_dtype(entry.dtype, [&]<class Stored>(Stored) {
    if constexpr (readable_as<Stored, T>()) {
      try {
        result.resize(entry.shape);
      } catch (const std::bad_alloc&) {
        throw SafetensorsError(file_, tensor_called(name), "memory for its numbers", "none");
      }
      for (std::size_t i = 0; i < result.size(); ++i) {
        result.data()[i] = convert<T, Stored>(name, i, entry.bytes.data() + i * sizeof(Stored));
      }
    }
    return readable_as<Stored, T>();
  });
  if (!readable) {
    const std::string wanted =
        std::floating_point<T>
            ? "numbers that " + std::to_string(std::numeric_limits<T>::digits) + " bits hold"
        : Integer<T> ? "integers"
                     : "booleans";
    throw SafetensorsError(file_, tensor_called(name) + ": dtype", wanted, entry.dtype_name);
  }
  return result;
}

}  // namespace ctgrad::io
