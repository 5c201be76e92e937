#pragma once

#include <ctgrad/graph/node.hpp>

namespace ctgrad {

/// Where a kernel finds its result, its operands, the places of what else it gives, and room for as long as
/// it runs: what its operation asks for by `scratch`.
struct Pointers {
  void* result;
  const void* operands[max_operands];
  void* extras[3];
  double* scratch;
};

}  // namespace ctgrad
