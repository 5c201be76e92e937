#pragma once

#include <ctgrad/graph/passes/views.hpp>

#include <vector>

/// The table of calls that a program walks.
namespace ctgrad::passes {

/// Where values lie: in the arena (region 0) or in input `region - 1`, so many bytes from its begin.
struct Location {
  std::int32_t region = 0;
  Size offset = 0;
};

/// How many values a call may give besides its result.
inline constexpr int max_extras = 3;

/// One kernel call.
struct KernelCall {
  std::int32_t node = 0;
  std::int32_t kernel = 0;    ///< the first call with an equal kernel
  bool splat = false;         ///< the result is a splat: only one element is written, which stands for all
  bool by_rows = false;       ///< the node's group works row by row
  bool accumulates = false;   ///< the product is added to what lies in the result's memory
  std::int32_t product = -1;  ///< the matrix product that the node's group ends, if there is one
  std::int32_t extra_count = 0;
  std::int32_t extras[max_extras] = {};  ///< other members of the group whose values are kept
  std::int32_t source_count = 0;
  std::int32_t sources[max_operands] = {};  ///< the nodes that are read
  std::int32_t roots[max_operands] = {};    ///< in whose memory they lie
  bool splats[max_operands] = {};           ///< of which are splats: one element stands for all
  Location result;
  Location extra_results[max_extras];
  Location operands[max_operands];
};

/// Ids to look at before call number `before` runs: they must lie in [0, limit).
struct IdCheck {
  std::int32_t before = 0;
  std::int32_t node = 0;   ///< that they choose rows for
  std::int32_t array = 0;  ///< the node that they are
  Shape shape = {};
  Location ids;
  Size limit = 0;
};

/// Calls in the order they run. The first `constants` run once, the next `early` compute integers that are no
/// output, then the others run. The ids of an early call are checked before it runs, all others' before any
/// call behind the early ones does: no output has changed by then.
struct Plan {
  std::vector<KernelCall> calls;
  PerNode<std::int32_t> groups;  ///< for every node the last one of the call that computes it, -1 for none
  std::vector<IdCheck> checks;
  std::vector<Location> outputs;
  std::int32_t constants = 0;
  std::int32_t early = 0;
  Size output_bytes = 0;
  Size arena_bytes = 0;
  Size scratch = 0;      ///< where in the arena, behind all buffers, the room begins that every call may use
  Size lower_bound = 0;  ///< the least that any placement of the same buffers needs
};

/// How a call's source lies in memory, in elements along its own axes; 0 along those of extent 1.
template <class G>
constexpr Shape operand_strides(const G& graph, const KernelCall& call, int i) {
  const Shape& shape = graph[call.sources[i]].type.shape;
  Shape strides = strides_within(graph, call.sources[i], call.roots[i], call.splats[i]);
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) strides[axis] = 0;
  }
  return strides;
}

}  // namespace ctgrad::passes
