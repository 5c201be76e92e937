#pragma once

#include <ctgrad/plan/views.hpp>

#include <vector>

/// A plan: the kernel calls that a program makes one after the other, and where they read and write.
namespace ctgrad::plan {

/// Where a value begins: `offset` bytes into the arena (region 0) or into input number `region - 1`.
struct Location {
  std::int32_t region = 0;
  Size offset = 0;
};

/// How many values a call may write besides its result.
inline constexpr int max_extras = 3;

/// One kernel call. It computes a group of nodes from its sources, which lie in memory.
struct KernelCall {
  std::int32_t node = 0;      ///< the group's end, whose value is the result
  std::int32_t kernel = 0;    ///< the position of the first call in the plan that has an equal kernel
  bool splat = false;         ///< the result is a splat: only one element is written, which stands for all
  bool by_rows = false;       ///< the kernel works row by row through the group
  bool accumulates = false;   ///< the product is added to what lies in the result's memory
  std::int32_t product = -1;  ///< the matrix product that the group finishes; -1 for none
  std::uint32_t bf16 = 0;     ///< what is stored as bf16: bit 0 the result, then the extras, then the sources
  std::int32_t extra_count = 0;
  std::int32_t extras[max_extras] = {};  ///< the members whose values are written besides the result
  std::int32_t source_count = 0;
  std::int32_t sources[max_operands] = {};  ///< the nodes that are read, a product's two operands first
  std::int32_t roots[max_operands] = {};    ///< the nodes in whose memory the sources lie
  bool splats[max_operands] = {};           ///< whether one element in memory stands for the whole root
  Location result;
  Location extra_results[max_extras];
  Location operands[max_operands];
};

/// The bit of a call's source i in KernelCall::bf16.
constexpr std::uint32_t bf16_bit_of_source(int i) { return std::uint32_t{1} << (1 + max_extras + i); }

/// Ids to be checked while a program runs: all must lie in [0, limit).
struct IdCheck {
  std::int32_t before = 0;  ///< the position of the call that must not run until they are checked
  std::int32_t node = 0;    ///< the node that chooses rows by them
  std::int32_t array = 0;   ///< the node whose value they are
  Shape shape = {};         ///< of that value
  Location ids;
  Size limit = 0;
};

/// What a program does: its kernel calls in their order, the checks between them, and its memory.
///
///     calls:   constants        early                  others
///              run once, with   integers that are no   everything else; ids are checked
///              the program      output, each checked   before the first of these runs, so no
///                               before it is used      output has changed if one is refused
struct Plan {
  std::vector<KernelCall> calls;
  PerNode<std::int32_t> groups;  ///< for every node the end of the group that computes it; -1 for none
  std::vector<IdCheck> checks;
  std::vector<Location> outputs;
  std::int32_t constants = 0;  ///< how many calls, from the first on, compute what depends on no input
  std::int32_t early = 0;      ///< how many calls behind these compute integers that are no output
  Size output_bytes = 0;       ///< of the outputs together, which lie at the begin of the arena
  Size arena_bytes = 0;
  Size scratch = 0;      ///< the offset, behind all buffers, of the room that any call may use while it runs
  Size lower_bound = 0;  ///< the bytes that these buffers need wherever they are placed
};

/// The strides, in elements, of a call's source i along the source's own axes; 0 along axes of extent 1.
template <class G>
constexpr Shape operand_strides(const G& graph, const KernelCall& call, int i) {
  const Shape& shape = graph[call.sources[i]].type.shape;
  Shape strides = strides_within(graph, call.sources[i], call.roots[i], call.splats[i]);
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) strides[axis] = 0;
  }
  return strides;
}

/// Says whether all that a call does is to add one value to its product. `roots` holds for every node the one
/// whose memory it lies in.
template <class G>
constexpr bool only_adds_to_product(const G& graph, const std::int32_t* roots, const KernelCall& call) {
  const Node& node = graph[call.node];
  if (!node.operation->adds || call.source_count != 3) return false;
  bool product = false;
  bool source = false;
  for (int i = 0; i < 2; ++i) {
    product = product || roots[node.operands[i]] == call.product;
    source = source || node.operands[i] == call.sources[2];
  }
  return product && source;
}

}  // namespace ctgrad::plan
