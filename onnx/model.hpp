#pragma once

#include <ctgrad/onnx/message.hpp>

#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

/// An ONNX model as a value, and its bytes. Names are those of ONNX; field numbers are those of onnx.proto.
namespace ctgrad::onnx {

/// The version of the operators that are used, and the oldest one of the file format that has it.
inline constexpr std::int64_t opset = 17;
inline constexpr std::int64_t ir_version = 8;

/// Functions of a file's own, in this domain.
inline constexpr std::string_view own_domain = "ctgrad";

/// What an element is, by its number in TensorProto.DataType.
enum class Element : std::uint8_t { real = 1, index = 6, wide = 7, mask = 9 };

using Extents = std::vector<std::int64_t>;

struct Tensor {
  std::string name;
  Element element{};
  Extents extents;
  std::string bytes;  ///< row-major, little-endian

  bool operator==(const Tensor&) const = default;
};

struct Attribute {
  std::string name;
  std::variant<std::int64_t, std::string, Extents, Tensor> value;

  bool operator==(const Attribute&) const = default;
};

struct ModelNode {
  std::string operation;
  std::string domain;  ///< empty for ONNX' own
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
};

/// A graph's input or output.
struct Port {
  std::string name;
  Element element{};
  Extents extents;
};

/// A function that nodes of its name call.
struct Function {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<ModelNode> nodes;
};

struct Model {
  std::string name;
  std::vector<ModelNode> nodes;
  std::vector<Tensor> initializers;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Function> functions;
};

namespace encoding {

inline Message message_of(const Tensor& tensor) {
  Message message;
  for (const std::int64_t extent : tensor.extents) message.add(1, extent);
  message.add(2, std::int64_t{static_cast<int>(tensor.element)});
  if (!tensor.name.empty()) message.add(8, tensor.name);
  message.add(9, tensor.bytes);
  return message;
}

inline Message message_of(const Attribute& attribute) {
  Message message;
  message.add(1, attribute.name);
  std::int64_t type = 0;
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    message.add(3, *number);
    type = 2;
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    message.add(4, *text);
    type = 3;
  } else if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) {
    message.add(5, message_of(*tensor));
    type = 4;
  } else {
    for (const std::int64_t each : std::get<Extents>(attribute.value)) message.add(8, each);
    type = 7;
  }
  message.add(20, type);
  return message;
}

inline Message message_of(const ModelNode& node) {
  Message message;
  for (const std::string& input : node.inputs) message.add(1, input);
  for (const std::string& output : node.outputs) message.add(2, output);
  if (!node.outputs.empty()) message.add(3, "node_" + node.outputs.front());
  message.add(4, node.operation);
  for (const Attribute& attribute : node.attributes) message.add(5, message_of(attribute));
  if (!node.domain.empty()) message.add(7, node.domain);
  return message;
}

inline Message message_of(const Port& port) {
  Message shape;
  for (const std::int64_t extent : port.extents) {
    Message dimension;
    dimension.add(1, extent);
    shape.add(1, dimension);
  }
  Message tensor;
  tensor.add(1, std::int64_t{static_cast<int>(port.element)});
  tensor.add(2, shape);
  Message type;
  type.add(1, tensor);
  Message message;
  message.add(1, port.name);
  message.add(2, type);
  return message;
}

inline Message operators(std::string_view domain, std::int64_t version) {
  Message message;
  message.add(1, domain);
  message.add(2, version);
  return message;
}

inline Message message_of(const Function& function) {
  Message message;
  message.add(1, function.name);
  for (const std::string& input : function.inputs) message.add(4, input);
  for (const std::string& output : function.outputs) message.add(5, output);
  for (const ModelNode& node : function.nodes) message.add(7, message_of(node));
  message.add(9, operators("", opset));
  message.add(10, own_domain);
  return message;
}

}  // namespace encoding

/// The bytes of the model's file. Throws std::length_error where they are 2 GiB or more, which no reader of
/// Protocol Buffers takes.
inline std::string encode(const Model& model) {
  Message graph;
  for (const ModelNode& node : model.nodes) graph.add(1, encoding::message_of(node));
  graph.add(2, model.name);
  for (const Tensor& tensor : model.initializers) graph.add(5, encoding::message_of(tensor));
  for (const Port& port : model.inputs) graph.add(11, encoding::message_of(port));
  for (const Port& port : model.outputs) graph.add(12, encoding::message_of(port));
  Message file;
  file.add(1, ir_version);
  file.add(2, "ctgrad");
  file.add(7, graph);
  file.add(8, encoding::operators("", opset));
  if (!model.functions.empty()) file.add(8, encoding::operators(own_domain, 1));
  for (const Function& function : model.functions) file.add(25, encoding::message_of(function));
  constexpr std::size_t most = 0x7FFFFFFF;
  if (file.bytes().size() > most) {
    throw std::length_error("onnx: a file has at most 2147483647 bytes, this one would have " +
                            std::to_string(file.bytes().size()) +
                            ": leave the parameters inputs rather than writing them into it");
  }
  return file.bytes();
}

}  // namespace ctgrad::onnx
