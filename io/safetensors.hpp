#pragma once

#include <ctgrad/io/safetensors_header.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xarray.hpp>
#endif

#include <filesystem>
#include <fstream>
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
  std::vector<std::size_t> shape;    ///< empty for a scalar
  std::span<const std::byte> bytes;  ///< row-major, of any alignment; valid while a copy of the file lives
};

/// The contents of one file, all of it checked. Copies share the bytes.
class Safetensors {
 public:
  /// Takes a file's bytes; `file` is what errors call it. Throws SafetensorsError if the bytes break any rule
  /// of the format: see read_safetensors.
  Safetensors(std::vector<std::byte> contents, std::string file);

  /// The tensors' names, in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : header_.tensors) names.push_back(name);
    return names;
  }

  /// What errors call the file.
  const std::string& file() const { return file_; }

  const Metadata& metadata() const { return header_.metadata; }
  bool contains(std::string_view name) const { return header_.tensors.contains(name); }

  /// A tensor's type, shape and bytes. Throws SafetensorsError, listing what there is, if it is not there.
  SafetensorsEntry at(std::string_view name) const {
    const auto found = header_.tensors.find(name);
    if (found == header_.tensors.end()) {
      std::string there = "only";
      for (const std::string& other : names()) there.append(" '").append(other).append("'");
      throw SafetensorsError(file_, place(name), "a tensor of this name",
                             names().empty() ? "no tensors" : there);
    }
    const HeaderEntry& entry = found->second;
    return {entry.dtype, entry.shape, data().subspan(entry.begin, entry.end - entry.begin)};
  }

  /// A tensor's numbers as an array of T, each of them exactly. A floating-point T takes any type all of
  /// whose numbers it holds (double: F64, F32, F16, BF16, integers up to 32 bits; float: F32, F16, BF16,
  /// integers up to 16 bits); an integer T takes any integers, if every one is in T's range; bool takes BOOL.
  /// Throws SafetensorsError otherwise, and if the tensor is not in the file.
  template <class T>
  xt::xarray<T> read(std::string_view name) const;

 private:
  static std::string place(std::string_view name) { return "tensor '" + std::string(name) + "'"; }

  std::span<const std::byte> data() const { return std::span(*contents_).subspan(data_begin_); }
  void read_header();
  void check_size(const std::string& name, const HeaderEntry& entry) const;
  void check_cover() const;

  template <class T, class Stored>
  T convert(std::string_view name, std::size_t index, const std::byte* bytes) const;

  std::shared_ptr<const std::vector<std::byte>> contents_;
  std::string file_;
  std::size_t data_begin_ = 0;
  Header header_;
};

/// Reads a whole file. Throws SafetensorsError, naming file, tensor, what was expected and what is there,
/// unless
///
/// - the file can be read, and holds eight bytes of header length (at most 100 MB) and the whole header;
/// - the header is a JSON object in UTF-8 that begins with '{' and holds no name or key twice;
/// - every entry is exactly dtype (a known one), shape and data_offsets;
/// - __metadata__, if there, maps strings to strings;
/// - shapes and offsets are nonnegative integers;
/// - a tensor has as many bytes as its shape and dtype ask for, computed without overflow;
/// - the tensors cover the bytes after the header from first to last, without overlap or hole.
inline Safetensors read_safetensors(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw SafetensorsError(path.string(), "file", "a readable file", error.message());
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::byte> contents(static_cast<std::size_t>(size));
  stream.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(size));
  if (!stream) {
    throw SafetensorsError(path.string(), "file", std::to_string(size) + " bytes",
                           std::to_string(stream.gcount()) + " before reading failed");
  }
  return Safetensors(std::move(contents), path.string());
}

inline Safetensors::Safetensors(std::vector<std::byte> contents, std::string file)
    : contents_(std::make_shared<const std::vector<std::byte>>(std::move(contents))), file_(std::move(file)) {
  read_header();
  for (const auto& [name, entry] : header_.tensors) check_size(name, entry);
  check_cover();
}

inline void Safetensors::read_header() {
  constexpr std::size_t prefix = 8;
  const std::size_t size = contents_->size();
  if (size < prefix) {
    throw SafetensorsError(file_, "header length", "8 bytes", "a file of " + std::to_string(size));
  }
  const auto length = load<std::uint64_t>(contents_->data());
  const std::uint64_t most = std::min<std::uint64_t>(header_limit, size - prefix);
  if (length > most) {
    throw SafetensorsError(file_, "header length", "at most " + std::to_string(most) + " bytes",
                           std::to_string(length));
  }
  data_begin_ = prefix + static_cast<std::size_t>(length);
  header_ = parse_header(
      file_, {reinterpret_cast<const char*>(contents_->data()) + prefix, static_cast<std::size_t>(length)});
}

inline void Safetensors::check_size(const std::string& name, const HeaderEntry& entry) const {
  const std::size_t available = data().size();
  if (entry.begin > entry.end || entry.end > available) {
    throw SafetensorsError(file_, place(name) + ": data_offsets",
                           "begin <= end <= " + std::to_string(available),
                           "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]");
  }
  const std::optional<std::size_t> bytes = byte_count(entry.dtype, entry.shape);
  if (!bytes) {
    throw SafetensorsError(file_, place(name) + ": shape", "a size that can be addressed", "an overflow");
  }
  if (entry.end - entry.begin != *bytes) {
    throw SafetensorsError(file_, place(name) + ": data_offsets",
                           std::to_string(*bytes) + " bytes for its shape",
                           std::to_string(entry.end - entry.begin));
  }
}

inline void Safetensors::check_cover() const {
  std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::string_view>> ranges;
  for (const auto& [name, entry] : header_.tensors) ranges.push_back({{entry.begin, entry.end}, name});
  std::ranges::sort(ranges);
  std::size_t covered = 0;
  for (const auto& [range, name] : ranges) {
    if (range.first != covered) {
      throw SafetensorsError(file_, place(name) + ": data_offsets",
                             "to begin at " + std::to_string(covered) + ", where the tensor before ends",
                             std::to_string(range.first));
    }
    covered = range.second;
  }
  if (covered != data().size()) {
    throw SafetensorsError(file_, "data", std::to_string(covered) + " bytes, where the last tensor ends",
                           std::to_string(data().size()));
  }
}

template <class T, class Stored>
T Safetensors::convert(std::string_view name, std::size_t index, const std::byte* bytes) const {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw SafetensorsError(file_, place(name) + ": number " + std::to_string(index), expected, got);
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
  xt::xarray<T> result = xt::xarray<T>::from_shape(entry.shape);
  const bool readable = visit_dtype(entry.dtype, [&]<class Stored>(Stored) {
    if constexpr (readable_as<Stored, T>()) {
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
    throw SafetensorsError(file_, place(name) + ": dtype", wanted, traits(entry.dtype).name);
  }
  return result;
}

}  // namespace ctgrad::io
