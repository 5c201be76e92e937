#pragma once

#include <ctgrad/io/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

/// Safetensors files made by hand, byte by byte; the file is called "F" in errors.
namespace by_hand {

using ctgrad::io::Safetensors;
using ctgrad::io::SafetensorsError;

using Bytes = std::vector<std::byte>;

template <class T>
Bytes numbers(std::initializer_list<T> values) {
  Bytes bytes(values.size() * sizeof(T));
  std::size_t offset = 0;
  for (const T& value : values) {
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
    offset += sizeof(T);
  }
  return bytes;
}

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes text(const std::string& characters) {
  Bytes bytes(characters.size());
  std::memcpy(bytes.data(), characters.data(), characters.size());
  return bytes;
}

/// A whole file: the length of the header, the header and the data.
inline Bytes file(const std::string& header, const Bytes& data = {}) {
  return numbers<std::uint64_t>({header.size()}) + text(header) + data;
}

/// A header with one tensor "x".
inline std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"x":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

inline Safetensors open(const Bytes& bytes) { return {bytes, "F"}; }

/// The message with which the bytes are refused.
inline std::string refusal(const Bytes& bytes) {
  try {
    open(bytes);
  } catch (const SafetensorsError& error) {
    return error.what();
  }
  return "not refused";
}

/// Two tensors of different types, names with an escape, and metadata.
inline Bytes sample() {
  return file(R"({"__metadata__":{"format":"pt"},)"
              R"("a":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},)"
              R"("b\n":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}}  )",
              numbers<double>({1.5, -2.25}) + numbers<std::int32_t>({7, -8, 9}));
}

}  // namespace by_hand
