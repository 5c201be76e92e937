#include "fuzz.hpp"

#include <ctgrad/io/npz_writer.hpp>

/// .npy and .npz files: some made field by field, most of them right in most fields; others right ones of
/// which some bytes are changed; others any bytes. A file that is refused is refused readably; one that is
/// taken gives every array, in every type, and is written again as a file that holds the same.

using namespace ctgrad::io;
using fuzz::Choices;
using fuzz::require;

namespace {

using Bytes = std::vector<std::byte>;

/// A Python literal in the place of the one that belongs there.
std::string other_literal(Choices& choices) {
  static constexpr const char* literals[] = {
      "None", "True", "()",     "(1,)",    "'<f4'", "[('a', '<f4')]", "-1",     "(-1,)",
      "{}",   "'",    "\"|O\"", "(1L, 2)", "[",     "'\\x00'",        "(1e3,)", "(18446744073709551616,)"};
  return choices.of(literals);
}

std::string type(Choices& choices) {
  static constexpr const char* names[] = {"<f4", "<f8", "|b1", "<i4", ">i8", "|u1", "<f2", ">f4",
                                          "<c8", ">c8", "<i2", "|S5", "<U2", ">u4", "|O",  "=i4"};
  return choices.of(names);
}

/// A .npy file, mostly a sound one.
Bytes npy_file(Choices& choices) {
  const std::string name = type(choices);
  std::string shape;
  std::size_t count = 1;
  for (std::size_t i = choices.below(4); i > 0; --i) {
    const std::size_t extent = choices.extent();
    shape += std::to_string(extent) + ",";
    count *= extent;
  }
  std::string entries[] = {"'descr': '" + name + "'",
                           std::string("'fortran_order': ") + (choices.below(2) == 0 ? "False" : "True"),
                           "'shape': (" + shape + ")"};
  if (choices.below(8) == 0) {
    std::string& entry = entries[choices.below(3)];
    entry = entry.substr(0, entry.find(':') + 1) + other_literal(choices);
  }
  const std::size_t first = choices.below(3);
  std::string dictionary = "{" + entries[first] + ", " + entries[(first + 1) % 3] + ", " +
                           entries[(first + 2) % 3] + (choices.below(2) == 0 ? "}" : ", }\n");
  if (choices.below(16) == 0) dictionary.insert(choices.byte() % dictionary.size(), other_literal(choices));
  const std::size_t size = static_cast<std::size_t>(name.back() - '0');
  const std::size_t data = size * std::min<std::size_t>(count, 500) + (choices.below(16) == 0 ? 1 : 0);
  std::string text(npy_magic);
  const std::size_t version = choices.below(16) == 0 ? choices.byte() : 1 + choices.below(3);
  text += {static_cast<char>(version), '\0'};
  const std::uint32_t length = static_cast<std::uint32_t>(dictionary.size());
  text.append(reinterpret_cast<const char*>(&length), version == 1 ? 2 : 4);
  text += dictionary;
  Bytes bytes(text.size() + data);
  std::memcpy(bytes.data(), text.data(), text.size());
  for (std::size_t i = text.size(); i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(choices.byte());
  return bytes;
}

/// A sound archive; some of its bytes are then others.
Bytes npz_file(Choices& choices) {
  static constexpr const char* names[] = {"a", "b", "layer/weight", "é", "a.npy", ""};
  static constexpr std::byte numbers[64] = {};
  std::vector<NamedTensor> arrays;
  for (std::size_t i = choices.below(4); i > 0; --i) {
    arrays.push_back(
        {std::string(choices.of(names)) + std::to_string(i), Dtype::f32, {choices.below(17)}, {}});
    arrays.back().bytes = std::span(numbers).first(4 * arrays.back().shape[0]);
  }
  Bytes bytes = NpzImage("F", arrays, choices.below(2) == 0 ? Packing::stored : Packing::deflated).bytes();
  for (std::size_t i = choices.below(8); i > 0; --i) {
    const std::size_t from_end = choices.number() % bytes.size();
    bytes[bytes.size() - 1 - from_end] = static_cast<std::byte>(choices.byte());
  }
  return bytes;
}

template <class T>
void read(const Safetensors& file, const std::string& array) {
  try {
    const auto numbers = file.read<T>(array);
    require(std::ranges::equal(numbers.shape(), file.at(array).shape), "an array has its shape");
  } catch (const SafetensorsError& error) {
    fuzz::require_readable(error.what());
  }
}

void check_arrays(const Safetensors& file) {
  std::vector<NamedTensor> arrays;
  for (const std::string& name : file.names()) {
    const SafetensorsEntry entry = file.at(name);
    read<double>(file, name);
    read<std::int8_t>(file, name);
    read<bool>(file, name);
    if (entry.dtype != Dtype::other) arrays.push_back({name, entry.dtype, entry.shape, entry.bytes});
  }
  for (const Packing packing : {Packing::stored, Packing::deflated}) {
    if (packing == Packing::deflated && !has_zlib) continue;
    const Safetensors again = npz_arrays(NpzImage("F", arrays, packing).bytes(), "F");
    require(again.names().size() == arrays.size(), "a file is written again");
    for (const NamedTensor& array : arrays) {
      const SafetensorsEntry entry = again.at(array.name);
      require(entry.dtype == array.dtype && entry.shape == array.shape &&
                  std::ranges::equal(entry.bytes, array.bytes),
              "an array is written again", array.name);
    }
  }
}

void check_npy(Bytes bytes) {
  const NpyArray array(std::move(bytes), "F");
  if (array.dtype() != Dtype::other) {
    const NamedTensor tensor{"array", array.dtype(), array.shape(), array.bytes()};
    check_arrays(npz_arrays(NpzImage("F", {tensor}, Packing::stored).bytes(), "F"));
  }
  fuzz::count_taken();
}

void check_npz(Bytes bytes) {
  const Safetensors file = npz_arrays(std::move(bytes), "F");
  try {
    check_arrays(file);
  } catch (const NumpyError& error) {  // a name that is read, but not written: no UTF-8
    require(std::string_view(error.what()).find("UTF-8") != std::string_view::npos, "only names are refused",
            error.what());
  }
  fuzz::count_taken(!file.names().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::size_t kind = choices.below(4);
  const auto any = [&] {
    const auto rest = std::as_bytes(std::span(choices.rest()));
    return Bytes(rest.begin(), rest.end());
  };
  try {
    if (kind == 0) check_npy(npy_file(choices));
    if (kind == 1) check_npz(npz_file(choices));
    if (kind == 2) check_npy(any());
    if (kind == 3) check_npz(any());
  } catch (const SafetensorsError& error) {
    fuzz::require_readable(error.what());
  }
  return 0;
}
