#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The least that reads what onnx::encode writes: written from the encoding guide of Protocol Buffers and
/// onnx.proto, not from the writer.
namespace ctgrad::test {

/// A field of a message: its number and what it holds.
struct Field {
  int number = 0;
  std::uint64_t integer = 0;
  std::string_view bytes;
};

inline std::uint64_t read_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest.empty()) throw std::runtime_error("a number without an end");
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  throw std::runtime_error("a number of more than 64 bits");
}

inline std::vector<Field> fields(std::string_view rest) {
  std::vector<Field> all;
  while (!rest.empty()) {
    const std::uint64_t key = read_varint(rest);
    Field field{static_cast<int>(key >> 3), 0, {}};
    const std::uint64_t held = read_varint(rest);
    if ((key & 7) == 0) {
      field.integer = held;
    } else if ((key & 7) == 2 && held <= rest.size()) {
      field.bytes = rest.substr(0, held);
      rest.remove_prefix(held);
    } else {
      throw std::runtime_error("a field of another type, or cut off");
    }
    all.push_back(field);
  }
  return all;
}

/// What all fields of that number hold.
inline std::vector<std::string_view> parts(std::string_view message, int number) {
  std::vector<std::string_view> found;
  for (const Field& field : fields(message)) {
    if (field.number == number) found.push_back(field.bytes);
  }
  return found;
}
inline std::vector<std::uint64_t> integers(std::string_view message, int number) {
  std::vector<std::uint64_t> found;
  for (const Field& field : fields(message)) {
    if (field.number == number) found.push_back(field.integer);
  }
  return found;
}
inline std::string_view part(std::string_view message, int number) { return parts(message, number).at(0); }
inline std::uint64_t integer(std::string_view message, int number) { return integers(message, number).at(0); }

/// "ids: 6 [2, 3]": a graph's input or output, its element type by ONNX' number.
inline std::string port(std::string_view message) {
  const std::string_view tensor = part(part(message, 2), 1);
  std::string text = std::string(part(message, 1)) + ": " + std::to_string(integer(tensor, 1)) + " [";
  bool first = true;
  for (const std::string_view dimension : parts(part(tensor, 2), 1)) {
    text += (first ? "" : ", ") + std::to_string(integer(dimension, 1));
    first = false;
  }
  return text + "]";
}

/// "Add(x, y) -> z"
inline std::string node(std::string_view message) {
  const auto list = [&](int number) {
    std::string text;
    for (const std::string_view name : parts(message, number))
      text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
  };
  return std::string(part(message, 4)) + "(" + list(1) + ") -> " + list(2);
}

}  // namespace ctgrad::test
