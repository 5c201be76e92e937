#pragma once

#include <ctgrad/onnx/rules.hpp>
#include <ctgrad/passes/expand.hpp>
#include <ctgrad/passes/fold.hpp>
#include <ctgrad/passes/simplify.hpp>

/// Graphs as ONNX models.
namespace ctgrad::onnx {

/// The graph as it is written: fused operations by their definitions, constants folded, algebra done where
/// the function asks for it.
inline Graph plain_graph(Graph graph, std::span<const Rule> own) {
  const Optimize passes = graph.passes;
  graph = passes::expand(passes::eliminate_dead(std::move(graph)), [&](const Node& node) {
    return node.operation->definition != nullptr && find_rule(node.operation, own) == nullptr;
  });
  if (passes.fold) graph = passes::fold(std::move(graph));
  if (passes.simplify) graph = passes::simplify(std::move(graph));
  return passes::eliminate_dead(std::move(graph));
}

/// A node's value as a term that may be smaller than the node: of `shape`, which broadcasts to the node's.
/// What ctgrad repeats, ONNX' operators repeat by themselves.
struct Written {
  Term term;
  Shape shape;
};

/// Writes the nodes of a graph one after the other.
class Translation {
 public:
  /// `inputs` are what the graph's inputs are called. Throws std::invalid_argument, naming the operation,
  /// where one has neither a rule nor a definition, and where names are not each their own.
  Translation(Builder& to, const Graph& graph, const std::vector<std::string>& inputs,
              std::span<const Rule> own)
      : to_(to), graph_(graph), own_(own) {
    written_.resize(static_cast<std::size_t>(graph.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::int32_t id = graph.inputs[i];
      at(id) = {to.outside(inputs[i], element_of(graph[id].type.kind)), graph[id].type.shape};
    }
    for (std::int32_t id = 0; id < graph.size(); ++id) {
      if (at(id).term.to == nullptr) at(id) = write(id);
    }
  }

  /// The node's value in the node's shape.
  Term whole(std::int32_t id) {
    Written& written = at(id);
    const Shape& shape = graph_[id].type.shape;
    if (!(written.shape == shape)) written = {expanded(written.term, shape), shape};
    return written.term;
  }

 private:
  Written& at(std::int32_t id) { return written_[static_cast<std::size_t>(id)]; }

  Written write(std::int32_t id) {
    const Node& node = graph_[id];
    const Shape& shape = node.type.shape;
    const Element element = element_of(node.type.kind);
    if (shape.size() == 0) return {to_.constant(element, extents_of(shape), {}), shape};
    if (node.operation->is_splat) return {to_.scalar(element, node.attributes.value), Shape{}};
    if (node.operation == &operation<ops::ConstantArray>) {
      const std::vector<double> numbers(node.attributes.numbers, node.attributes.numbers + shape.size());
      return {to_.constant(element, extents_of(shape), numbers), shape};
    }
    if (node.operation == &operation<ops::Iota>) return iota(node);
    if (is_smaller(node)) return at(node.operands[0]);
    const Rule* rule = find_rule(node.operation, own_);
    if (rule == nullptr) refuse(node);
    return by_rule(*rule, node);
  }

  Written iota(const Node& node) {
    const int axis = node.attributes.integers[0];
    Shape shape;
    for (int i = axis; i < node.type.shape.rank; ++i) shape.push_back(i == axis ? node.type.shape[i] : 1);
    return {Applied(to_, graph_, node, {}).positions(axis), shape};
  }

  /// Whether a node only repeats its operand, or puts axes of extent 1 in front of it: what uses it
  /// broadcasts the operand to the same.
  bool is_smaller(const Node& node) const {
    if (node.operation->repeats) return true;
    if (node.operation != &operation<ops::Reshape>) return false;
    const Shape& from = graph_[node.operands[0]].type.shape;
    const Shape& to = node.type.shape;
    const int added = to.rank - from.rank;
    for (int axis = 0; added >= 0 && axis < to.rank; ++axis) {
      if (to[axis] != (axis < added ? 1 : from[axis - added])) return false;
    }
    return added >= 0;
  }

  Written by_rule(const Rule& rule, const Node& node) {
    const bool by_elements = node.operation->works_by_elements();
    std::vector<Term> operands;
    Shape shape;
    for (int i = 0; i < node.operand_count; ++i) {
      operands.push_back(by_elements ? at(node.operands[i]).term : whole(node.operands[i]));
      if (by_elements) shape = broadcast_shape(shape, at(node.operands[i]).shape);
    }
    return {rule(Applied(to_, graph_, node, std::move(operands))), by_elements ? shape : node.type.shape};
  }

  [[noreturn]] static void refuse(const Node& node) {
    throw std::invalid_argument("onnx: the operation '" + std::string(node.operation->name) +
                                "' has no counterpart: give it a member `onnx` or a definition, or "
                                "Options::rules a rule");
  }

  Builder& to_;
  const Graph& graph_;
  std::span<const Rule> own_;
  std::vector<Written> written_;
};

/// What a graph's inputs and outputs are called, and numbers for the first inputs, which are then part of the
/// file.
struct Boundary {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Tensor> parameters;
};

/// A graph as a model of that name. Throws as Translation does.
inline Model model_of(const Graph& traced, const Boundary& boundary, const std::string& name,
                      std::span<const Rule> own = {}) {
  const Graph graph = plain_graph(traced, own);
  Builder builder(Builder::Of::graph);
  Translation translation(builder, graph, boundary.inputs, own);
  std::set<std::string> parameters;
  for (const Tensor& parameter : boundary.parameters) {
    parameters.insert(parameter.name);
    builder.initialize(parameter);
  }
  std::vector<Port> inputs, outputs;
  for (std::size_t i = 0; i < boundary.inputs.size(); ++i) {
    const Type& type = graph[graph.inputs[i]].type;
    if (!parameters.contains(boundary.inputs[i]))
      inputs.push_back({boundary.inputs[i], element_of(type.kind), extents_of(type.shape)});
  }
  for (std::size_t i = 0; i < boundary.outputs.size(); ++i) {
    const Type& type = graph[graph.outputs[i]].type;
    builder.output(translation.whole(graph.outputs[i]), boundary.outputs[i]);
    outputs.push_back({boundary.outputs[i], element_of(type.kind), extents_of(type.shape)});
  }
  Model model = builder.take(name, parameters);
  model.inputs = std::move(inputs);
  model.outputs = std::move(outputs);
  return model;
}

}  // namespace ctgrad::onnx
