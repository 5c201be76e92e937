#pragma once

#include <support/interpreter.hpp>
#include <support/random_graph.hpp>

namespace ctgrad::test {

/// The inputs of a random graph: real numbers of magnitude up to Pool::input_bound, ids within their limits.
inline std::vector<Numbers> draw_inputs(Random& random, const RandomGraph& drawn) {
  std::vector<Numbers> result;
  for (std::size_t i = 0; i < drawn.graph.inputs.size(); ++i) {
    const Type& type = drawn.graph[drawn.graph.inputs[i]].type;
    const auto limit = static_cast<std::uint32_t>(type.kind == Kind::mask ? 2 : drawn.limits[i]);
    Numbers numbers(extents(type.shape));
    for (double& number : numbers)
      number = type.kind == Kind::real ? Pool::input_bound * (2 * random.uniform() - 1) : random.below(limit);
    result.push_back(numbers);
  }
  return result;
}

/// Numbers of magnitude up to 1 in the shape of a value: its tangent or cotangent.
inline Numbers draw_direction(Random& random, const Node& value) {
  Numbers numbers(extents(value.type.shape));
  for (double& number : numbers) number = 2 * random.uniform() - 1;
  return numbers;
}

}  // namespace ctgrad::test
