#pragma once

#include <ctgrad/base/shape.hpp>

#include <string_view>

/// What the type rules of operations ask for. Each throws std::invalid_argument, naming the operation.
namespace ctgrad::ops {

/// "exp: operand 0 is mask [2, 3], expected real"
constexpr void require_kind(std::string_view op, const Type* operands, int operand, Kind expected) {
  if (operands[operand].kind != expected) {
    throw std::invalid_argument(std::string(op) + ": operand " + to_string(Size{operand}) + " is " +
                                to_string(operands[operand]) + ", expected " + to_string(expected));
  }
}

/// "add: operands of shapes [2] and [3], expected equal ones"
constexpr void require_equal_shapes(std::string_view op, const Shape& left, const Shape& right) {
  if (!(left == right)) {
    throw std::invalid_argument(std::string(op) + ": operands of shapes " + to_string(left) + " and " +
                                to_string(right) + ", expected equal ones");
  }
}

/// "softmax: operand 0 is real [], expected rank 1 or more"
constexpr void require_axes(std::string_view op, const Type& operand) {
  if (operand.shape.rank == 0) {
    throw std::invalid_argument(std::string(op) + ": operand 0 is " + to_string(operand) +
                                ", expected rank 1 or more");
  }
}

}  // namespace ctgrad::ops
