#pragma once

#include <ctgrad/kernels/lanes.hpp>
#include <ctgrad/plan/kernel_call.hpp>

#include <algorithm>
#include <array>

/// Which kernel calls of a run threads share.
namespace ctgrad::runtime {

/// How a call is shared.
struct SharedCall {
  Size parts = 1;   ///< 1: it is not
  Size stages = 1;  ///< between which the threads wait for each other
};

/// A core does so many floating-point operations in about 4 microseconds, several times as long as threads
/// need to share a call: two FMAs a cycle.
inline constexpr Size flops_of_part = Size{9600} * kernels::vector_bytes;
/// And so many in five times the time in which a thread is woken. A run that has less to share is not shared.
inline constexpr Size flops_of_shared_run = 24 * flops_of_part;
/// And so many in the time in which a byte comes to it, some 40 GB a second: from its own caches they come
/// faster, from memory at half of that.
inline constexpr Size flops_of_byte = std::max(kernels::vector_bytes / 16, Size{1});

/// What a call takes a core, in the floating-point operations that it does meanwhile: its own, or what it
/// waits for bytes of operands and results, whichever is more. A product of a single row waits.
constexpr Size work_of(const Operation& operation, const Type* operands, int count, const Node& node,
                       Size scalar) {
  Size bytes = dense_bytes(node.type, scalar);
  for (int k = 0; k < count; ++k) bytes += dense_bytes(operands[k], scalar);
  return std::max(operation.flops(operands, node.type, node.attributes), bytes * flops_of_byte);
}

/// Those of a plan.
template <std::size_t Most>
struct SharedCallList {
  std::array<SharedCall, Most> calls{};
  bool are_any = false;
  Size scratch = 0;  ///< the most bytes that kernels of shared calls need room for
};

/// How the calls of a plan are shared, for scalars of so many bytes, and none if that does not pay. A call
/// pays if it has two such parts in each stage, as calls do whose stages take equally long.
template <class G, std::size_t Most>
constexpr SharedCallList<Most> shared_calls(const G& graph, const plan::KernelCall (&calls)[Most],
                                            std::size_t count, Size scalar) {
  SharedCallList<Most> shared;
  Size sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph[calls[i].product >= 0 ? calls[i].product : calls[i].node];
    const Operation& operation = *node.operation;
    if (operation.parts == nullptr || operation.flops == nullptr || calls[i].bf16 != 0) continue;
    Type operands[max_operands];
    for (int k = 0; k < node.operand_count; ++k)
      operands[k] = graph[node.operands[static_cast<std::size_t>(k)]].type;
    const Size work = work_of(operation, operands, node.operand_count, node, scalar);
    const Size stages = operation.stages != nullptr
                            ? std::max(operation.stages(operands, node.type, node.attributes), Size{1})
                            : 1;
    if (work < 2 * stages * flops_of_part) continue;
    const Size parts =
        std::min(operation.parts(operands, node.type, node.attributes), work / (stages * flops_of_part));
    if (parts < 2) continue;
    sum += work;
    // Whole: g++ 12 loses the stages where the parts alone are assigned.
    shared.calls[i] = SharedCall{parts, stages};
    if (operation.scratch != nullptr) {
      const Size doubles = operation.scratch(operands, node.type, node.attributes);
      shared.scratch = std::max(shared.scratch, doubles * static_cast<Size>(sizeof(double)));
    }
  }
  shared.are_any = sum >= flops_of_shared_run;
  return shared.are_any ? shared : SharedCallList<Most>{};
}

}  // namespace ctgrad::runtime
