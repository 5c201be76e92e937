#pragma once

#include "exported.hpp"

#include <support/draw.hpp>
#include <support/operations.hpp>

namespace ctgrad::test {

/// Value, tangent and cotangents of an operation on a sample, its operands among the inputs. The interpreter
/// says what comes out: the meaning that every kernel is held against.
struct SampleProgram {
  Graph graph;
  std::vector<Type> types;
  onnx::Boundary boundary;

  SampleProgram(const Operation& op, const Sample& sample) {
    const Applied applied(graph, op, sample);
    add_output(graph, applied.result);
    std::vector<Value> tangents;
    for (std::size_t i = 0; i < applied.operands.size(); ++i) {
      if (applied.active[i] != 0) tangents.push_back(add_input(graph, applied.operands[i].type()));
    }
    if (!tangents.empty()) {
      add_output(graph, applied.tangent(tangents));
      const Value cotangent = add_input(graph, applied.result.type());
      for (const Value pulled : applied.transpose(cotangent)) add_output(graph, pulled);
    }
    graph = passes::eliminate_dead(graph);
    for (const std::int32_t id : graph.inputs) {
      types.push_back(graph[id].type);
      boundary.inputs.push_back("x" + std::to_string(boundary.inputs.size()));
    }
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      boundary.outputs.push_back("y" + std::to_string(i));
  }

  onnx::Model model(const std::string& name) const { return onnx::model_of(graph, boundary, name); }

  /// Numbers for all inputs.
  std::vector<Numbers> draw(Random& random, const Operation& op, const Sample& sample) const {
    std::vector<Numbers> inputs = test::draw(random, op, sample);
    for (std::size_t i = inputs.size(); i < types.size(); ++i)
      inputs.push_back(draw_direction(random, types[i].shape));
    return inputs;
  }
};

}  // namespace ctgrad::test
