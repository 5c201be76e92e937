#pragma once

#include <ctgrad/graph/node.hpp>
#include <ctgrad/kernels/call_part.hpp>

namespace ctgrad {

/// Where a kernel finds its result, its operands, the places of what else it gives, and room for as long as
/// it runs: what its operation asks for by `scratch`. Of a call that threads share, the part to be computed,
/// and the first one's room, which all may use.
struct Pointers {
  void* result;
  const void* operands[max_operands];
  void* extras[3];
  double* scratch;
  kernels::CallPart part;
  double* shared_scratch;
};

}  // namespace ctgrad
