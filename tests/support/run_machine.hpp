#pragma once

#include <support/interpreter.hpp>

#include <ctgrad/runtime/machine.hpp>

#include <cstring>

/// Compiled graphs on the interpreter's arrays.
namespace ctgrad::test {

/// The bytes of an array as a program in `Scalar` takes them.
template <class Scalar>
std::vector<std::byte> to_bytes(const Numbers& numbers, Kind kind) {
  std::vector<std::byte> bytes;
  const auto append = [&](auto element) {
    const auto* begin = reinterpret_cast<const std::byte*>(&element);
    bytes.insert(bytes.end(), begin, begin + sizeof(element));
  };
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers.data()[i];
    if (kind == Kind::real) append(static_cast<Scalar>(number));
    if (kind == Kind::index) append(static_cast<std::int32_t>(number));
    if (kind == Kind::mask) append(number != 0);
  }
  bytes.resize(std::max(bytes.size(), std::size_t{1}));
  return bytes;
}

template <class Element>
void append_elements(Numbers& numbers, const std::byte* bytes) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    Element element;
    std::memcpy(&element, bytes + i * sizeof(Element), sizeof(Element));
    numbers.data()[i] = static_cast<double>(element);
  }
}

/// The outputs of a machine for the given inputs.
template <class Scalar, class Tag>
std::vector<Numbers> run(runtime::Machine<Scalar, Tag>& machine, const std::vector<Numbers>& inputs) {
  std::vector<std::vector<std::byte>> bytes;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    bytes.push_back(to_bytes<Scalar>(inputs[i], machine.input_types[i].kind));
  std::vector<const void*> pointers;
  for (const std::vector<std::byte>& input : bytes) pointers.push_back(input.data());
  machine.run(pointers.data(), [](std::int32_t id) { return "%" + to_string(Size{id}); });
  std::vector<Numbers> outputs;
  for (std::size_t i = 0; i < machine.output_types.size(); ++i) {
    const Type& type = machine.output_types[i];
    Numbers numbers(extents(type.shape));
    if (type.kind == Kind::real) append_elements<Scalar>(numbers, machine.output(i));
    if (type.kind == Kind::index) append_elements<std::int32_t>(numbers, machine.output(i));
    if (type.kind == Kind::mask) append_elements<bool>(numbers, machine.output(i));
    outputs.push_back(numbers);
  }
  return outputs;
}

}  // namespace ctgrad::test
