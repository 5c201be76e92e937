#pragma once

#include <ctgrad/graph/value.hpp>

namespace ctgrad {

/// A leaf that is not yet in any graph.
struct Literal {
  enum class Form : std::uint8_t { none, constant, numbers, iota };
  Form form = Form::none;
  double number = 0;                ///< of a constant
  int axis = 0;                     ///< of an iota
  const double* numbers = nullptr;  ///< of a constant array: there for as long as the program

  /// The leaf as a node. Throws std::logic_error if there is none: an array that was never given a value.
  constexpr Value in(Graph& graph, const Type& type) const;
};

}  // namespace ctgrad
