#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ctgrad::onnx {

/// A message of Protocol Buffers, as far as ONNX needs them: fields one behind the other, each a key (its
/// number and how it is written) and what it holds. Source: the encoding guide of Protocol Buffers.
///
/// This page is all that there is to it: ONNX files are ten kinds of messages with two kinds of fields. So
/// the format costs no dependency, where libonnx and libprotobuf would cost two libraries at build and at run
/// time and their generated headers in every program that saves a model.
class Message {
 public:
  /// An integer, seven bits a byte, lowest first; a negative one in ten bytes.
  void add(int field, std::int64_t number) {
    add_key(field, 0);
    add_varint(static_cast<std::uint64_t>(number));
  }
  /// Text, or any bytes.
  void add(int field, std::string_view bytes) {
    add_key(field, 2);
    add_varint(bytes.size());
    bytes_ += bytes;
  }
  void add(int field, const Message& message) { add(field, std::string_view(message.bytes_)); }

  const std::string& bytes() const { return bytes_; }

 private:
  void add_key(int field, std::uint64_t wire_type) {
    add_varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
  }
  void add_varint(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>((number & 0x7F) | 0x80);
    bytes_ += static_cast<char>(number);
  }

  std::string bytes_;
};

}  // namespace ctgrad::onnx
