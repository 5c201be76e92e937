#pragma once

#include <ctgrad/graph/node.hpp>

namespace ctgrad {

/// Where a kernel finds its result and its operands.
struct Pointers {
  void* result;
  const void* operands[max_operands];
};

}  // namespace ctgrad
