#pragma once

#include <ctgrad/graph/node.hpp>

#include <vector>

/// The table of steps that a program walks.
namespace ctgrad::passes {

/// Where values lie: in the arena (region 0) or in input `region - 1`, so many bytes from its begin.
struct Location {
  std::int32_t region = 0;
  Size offset = 0;
};

/// How a kernel reads an operand.
enum class Reading : std::uint8_t {
  dense,      ///< row by row
  broadcast,  ///< the operand of a broadcast that is not carried out, repeated by strides of 0
  element,    ///< one element for all
};

/// One kernel call.
struct Step {
  std::int32_t node = 0;
  std::int32_t kernel = 0;    ///< the first step with an equal kernel
  bool element = false;       ///< only one element is written: a constant that is read through strides
  std::int32_t product = -1;  ///< the matrix product that the node's group ends, if there is one
  std::int32_t source_count = 0;
  std::int32_t sources[max_operands] = {};  ///< the nodes that are read
  Location result;
  Location operands[max_operands];
  Reading readings[max_operands] = {};
};

/// Ids to look at before a run: they must lie in [0, limit).
struct IdCheck {
  std::int32_t node = 0;   ///< that they choose rows for
  std::int32_t array = 0;  ///< the node that they are
  Shape shape = {};
  Location ids;
  Size limit = 0;
};

/// Steps in the order they run. The first `constants` run once, the next `early` compute integers, then the
/// ids are checked, then the others run.
struct Plan {
  std::vector<Step> steps;
  std::vector<std::int32_t>
      groups;  ///< for every node the last one of the step that computes it, -1 for none
  std::vector<IdCheck> checks;
  std::vector<Location> outputs;
  std::int32_t constants = 0;
  std::int32_t early = 0;
  Size output_bytes = 0;
  Size arena_bytes = 0;
  Size lower_bound = 0;  ///< the least that any placement of the same buffers needs
};

/// How an operand of a step is read along the result's axes: its steps in elements, 0 where it repeats.
template <class G>
constexpr Shape operand_strides(const G& graph, const Step& step, int i) {
  if (step.readings[i] == Reading::element) return Shape{{}, graph[step.node].type.shape.rank};
  std::int32_t operand = step.sources[i];
  if (step.readings[i] == Reading::broadcast) operand = graph[operand].operands[0];
  const Shape& shape = graph[operand].type.shape;
  Shape strides = row_major_strides(shape);
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) strides[axis] = 0;
  }
  return strides;
}

}  // namespace ctgrad::passes
