#pragma once

#include <ctgrad/graph/graph.hpp>

/// A node of a graph under construction, its shape known to the graph: the language of derivative rules and
/// passes.
namespace ctgrad {

/// A node's number together with its graph. A default value is *absent*: the tangent that is zero.
struct Value {
  Graph* graph = nullptr;
  std::int32_t id = -1;

  constexpr bool absent() const { return id < 0; }
  /// Valid until a node is added; type and shape are copies that stay.
  constexpr const Node& node() const { return graph->nodes_.data_[id]; }
  constexpr Type type() const { return graph->nodes_.data_[id].type; }
  constexpr Shape shape() const { return graph->nodes_.data_[id].type.shape; }
  constexpr Kind kind() const { return graph->nodes_.data_[id].type.kind; }
  constexpr Value operand(int i) const { return {graph, graph->nodes_.data_[id].operands[i]}; }
  constexpr bool operator==(const Value&) const = default;
};

/// Adds a node of operation Op whose type follows from its operands.
template <class Op, class... Operands>
constexpr Value emit(const Attributes& attributes, Value first, Operands... others) {
  Node node{&operation<Op>, {}, attributes, {first.id, others.id...}, 1 + sizeof...(others)};
  if constexpr (sizeof...(others) == 0) {
    node.type = Op::infer(&first.node().type, attributes);
  } else {
    const Type types[] = {first.node().type, others.node().type...};
    node.type = Op::infer(types, attributes);
  }
  return {first.graph, first.graph->add(node)};
}

template <class Op, class... Operands>
constexpr Value emit(Value first, Operands... others) {
  return emit<Op>(Attributes{}, first, others...);
}

/// A node of operation Op on any number of operands, in no graph yet.
template <class Op>
constexpr Node node_on(const Attributes& attributes, const std::vector<Value>& operands) {
  Type types[max_operands];
  Node node{&operation<Op>, {}, attributes, {}, 0};
  for (const Value operand : operands) {
    types[node.operand_count] = operand.type();
    node.operands[node.operand_count++] = operand.id;
  }
  node.type = Op::infer(types, attributes);
  return node;
}

/// Adds a node of operation Op on any number of operands.
template <class Op>
constexpr Value emit_on(const Attributes& attributes, const std::vector<Value>& operands) {
  return {operands.front().graph, operands.front().graph->add(node_on<Op>(attributes, operands))};
}

}  // namespace ctgrad
