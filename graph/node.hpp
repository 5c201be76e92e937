#pragma once

#include <ctgrad/base/shape.hpp>

#include <bit>
#include <cstdint>

/// The graph's element: one operation applied to earlier nodes.
namespace ctgrad {

struct Operation;

inline constexpr int max_operands = 9;

/// What an operation needs to know besides its operands. Each operation says what it keeps here.
struct Attributes {
  double value = 0;
  std::int32_t integers[max_rank] = {};
  Shape shape = {};                 ///< of the result, where the operands do not tell
  const double* numbers = nullptr;  ///< of a constant array: there for as long as the program

  /// Bits, not numbers: 0 and -0 are different constants, and a NaN equals itself.
  constexpr bool operator==(const Attributes& other) const {
    if (std::bit_cast<std::uint64_t>(value) != std::bit_cast<std::uint64_t>(other.value)) return false;
    for (int i = 0; i < max_rank; ++i) {
      if (integers[i] != other.integers[i]) return false;
    }
    return numbers == other.numbers && shape == other.shape;
  }
};

struct Node {
  const Operation* operation = nullptr;
  Type type;
  Attributes attributes;
  std::int32_t operands[max_operands] = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
  std::int32_t operand_count = 0;

  constexpr const Shape& shape() const { return type.shape; }

  constexpr bool operator==(const Node& other) const {
    if (operands[0] != other.operands[0] || operation != other.operation) return false;
    if (operand_count != other.operand_count) return false;
    for (int i = 0; i < operand_count; ++i) {
      if (operands[i] != other.operands[i]) return false;
    }
    return type == other.type && attributes == other.attributes;
  }
};

}  // namespace ctgrad
