#pragma once

#include <ctgrad/graph/node.hpp>

namespace ctgrad {

/// Where a kernel finds its result, its operands and the places of what else it gives.
struct Pointers {
  void* result;
  const void* operands[max_operands];
  void* extras[3];
};

}  // namespace ctgrad
