#include "fuzz.hpp"

#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/safetensors_writer.hpp>

/// Safetensors files: some made field by field, most of them right in most fields; others of any bytes behind
/// a right length. A file that is refused is refused readably; one that is taken gives every tensor, in every
/// type, and is written again as a file that holds the same.

using namespace ctgrad::io;
using fuzz::Choices;
using fuzz::require;

namespace {

/// A JSON value in the place of the one that belongs there.
std::string other_value(Choices& choices) {
  static constexpr const char* values[] = {
      "null",  "true",  "{}",   "[]",  "-1",      "1.5",        "18446744073709551616",
      "\"x\"", "[[0]]", "\"\"", "1e9", "[0,0,0]", "{\"a\":{}}", "\"F32\""};
  return choices.of(values);
}

std::string name(Choices& choices) {
  static constexpr const char* pieces[] = {"a", "b",    "weight",       ".",        "\\u001b[2J",    "\\n",
                                           "é", "\xFF", "__metadata__", "x\\u0000", "\\ud83d\\ude00"};
  std::string text;
  for (std::size_t i = choices.below(4); i > 0; --i) text += choices.of(pieces);
  return text;
}

/// A tensor's entry, which takes bytes from `begin` on; moves `begin` behind them.
std::string entry(Choices& choices, std::size_t& begin) {
  const bool sound = choices.below(8) != 0;
  const auto dtype = static_cast<Dtype>(choices.below(dtypes.size()));
  std::vector<std::size_t> shape;
  for (std::size_t i = choices.below(4); i > 0; --i) shape.push_back(choices.extent());
  if (ends_inside_a_byte(dtype, shape) && sound) shape.push_back(8);
  std::size_t bytes = byte_count(dtype, shape).value_or(choices.number());
  if (dtype == Dtype::other) bytes = choices.below(5);
  const std::string dtype_text =
      dtype == Dtype::other ? "\"" + name(choices) + "\"" : "\"" + std::string(traits(dtype).name) + "\"";
  std::string shape_list;
  for (const std::size_t extent : shape)
    shape_list += (shape_list.empty() ? "" : ",") + std::to_string(extent);
  std::string fields[] = {
      "\"dtype\":" + dtype_text, "\"shape\":[" + shape_list + "]",
      "\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(begin + bytes) + "]"};
  begin += bytes;
  if (!sound) {
    std::string& field = fields[choices.below(3)];
    switch (choices.below(4)) {
      case 0:
        field = field.substr(0, field.find(':') + 1) + other_value(choices);
        break;
      case 1:
        field = fields[choices.below(3)];
        break;
      case 2:
        field.insert(choices.byte() % field.size(), name(choices));
        break;
      default:
        field = "\"data_offsets\":[" + std::to_string(choices.extent()) + "," +
                std::to_string(choices.extent()) + "]";
    }
  }
  const std::size_t first = choices.below(3);
  return "{" + fields[first] + "," + fields[(first + 1) % 3] + "," + fields[(first + 2) % 3] + "}";
}

std::vector<std::byte> made_file(Choices& choices) {
  std::string header = "{";
  std::size_t end = 0;
  if (choices.below(3) == 0) {
    header += "\"__metadata__\":" + (choices.below(4) == 0
                                         ? other_value(choices)
                                         : "{\"" + name(choices) + "\":\"" + name(choices) + "\"}");
  }
  for (std::size_t i = choices.below(6); i > 0; --i) {
    if (header.size() > 1) header += ",";
    header += "\"" + name(choices) + std::to_string(choices.below(12)) + "\":" + entry(choices, end);
  }
  header += "}" + std::string(choices.below(4), ' ');
  const std::size_t extra = choices.below(16) == 0 ? choices.below(3) : 0;
  std::vector<std::byte> data(std::min<std::size_t>(end, 5000) + extra);
  for (std::byte& byte : data) byte = static_cast<std::byte>(choices.byte());
  return fuzz::file_of(header, data);
}

std::vector<std::byte> any_file(Choices& choices) {
  const std::size_t size = choices.byte();
  const std::string_view bytes = choices.rest();
  const std::string_view header = bytes.substr(0, bytes.size() - std::min(bytes.size(), size));
  return fuzz::file_of(header, std::as_bytes(std::span(bytes.substr(header.size()))));
}

template <class T>
void read(const Safetensors& file, const std::string& tensor) {
  try {
    const auto numbers = file.read<T>(tensor);
    require(std::ranges::equal(numbers.shape(), file.at(tensor).shape), "an array has its tensor's shape");
  } catch (const SafetensorsError& error) {
    fuzz::require_readable(error.what());
  }
}

void check_tensors(const Safetensors& file) {
  std::vector<NamedTensor> tensors;
  for (const std::string& tensor : file.names()) {
    const SafetensorsEntry entry = file.at(tensor);
    read<double>(file, tensor);
    read<float>(file, tensor);
    read<std::int8_t>(file, tensor);
    read<std::uint64_t>(file, tensor);
    read<bool>(file, tensor);
    if (entry.dtype != Dtype::other) tensors.push_back({tensor, entry.dtype, entry.shape, entry.bytes});
  }
  const SafetensorsImage image("F", tensors, file.metadata());
  const Safetensors again(image.bytes(), "F");
  require(again.metadata() == file.metadata() && again.names().size() == tensors.size(),
          "a file is written again");
  for (const NamedTensor& tensor : tensors) {
    const SafetensorsEntry entry = again.at(tensor.name);
    require(entry.dtype == tensor.dtype && entry.shape == tensor.shape &&
                std::ranges::equal(entry.bytes, tensor.bytes),
            "a tensor is written again", tensor.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::vector<std::byte> bytes = choices.below(4) == 0 ? any_file(choices) : made_file(choices);
  try {
    const Safetensors file(bytes, "F");
    check_tensors(file);
    fuzz::count_taken(!file.names().empty());
  } catch (const SafetensorsError& error) {
    fuzz::require_readable(error.what());
  }
  return 0;
}
