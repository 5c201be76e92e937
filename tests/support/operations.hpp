#pragma once

#include <ctgrad/autodiff/arguments.hpp>

#include <boost/hana/for_each.hpp>

/// The registry's operations and graphs of their samples, at run time as at compile time.
namespace ctgrad::test {

struct Record {
  const Operation* operation;
  Samples (*samples)();
};

/// Every operation of the registry.
inline std::vector<Record> all_operations() {
  std::vector<Record> records;
  boost::hana::for_each(ops::registry, [&](auto op) {
    using Op = typename decltype(op)::type;
    records.push_back({&operation<Op>, &Op::samples});
  });
  return records;
}

constexpr bool is_input(const Operation& op) { return &op == &operation<ops::Input>; }

/// The type that the operation gives a sample.
constexpr Type result_type(const Operation& op, const Sample& sample) {
  if (op.infer == nullptr && sample.operands.empty()) return sample.result;
  Type operands[max_operands];
  for (std::size_t i = 0; i < sample.operands.size(); ++i) operands[i] = sample.operands[i].type;
  return op.infer != nullptr ? op.infer(operands, sample.attributes) : sample.result;
}

/// "add real [2] real [2] -> real [2]"
inline std::string describe(const Operation& op, const Sample& sample) {
  std::string words(op.name);
  for (const Sample::Operand& operand : sample.operands) words += " " + to_string(operand.type);
  return words + " -> " + to_string(result_type(op, sample));
}

/// The operation's node on the given operands; of several results the elements behind each other.
constexpr Value apply(Graph& graph, const Operation& op, const Sample& sample,
                      const std::vector<Value>& operands) {
  if (is_input(op)) return operands[0];
  Node node{&op, result_type(op, sample), sample.attributes, {}, 0};
  for (const Value operand : operands) node.operands[node.operand_count++] = operand.id;
  const Value all{&graph, graph.add(node)};
  Type types[max_operands];
  const int count = ops::result_types(graph, node, types);
  if (count == 1) return ops::result(all, 0);
  Value elements = ops::as_vector(ops::result(all, 0));
  for (int i = 1; i < count; ++i)
    elements = ops::concatenate(elements, ops::as_vector(ops::result(all, i)), 0);
  return elements;
}

constexpr Value add_input(Graph& graph, const Type& type) {
  const Value input = ops::input(graph, type);
  graph.inputs.push_back(input.id);
  return input;
}

/// The types of a sample's inputs: its operands, or what an input itself is.
constexpr std::vector<Type> input_types(const Operation& op, const Sample& sample) {
  std::vector<Type> types;
  for (const Sample::Operand& operand : sample.operands) types.push_back(operand.type);
  if (is_input(op)) types.push_back(sample.result);
  return types;
}

/// An operation on one sample, in a graph that has the operands among its inputs, and its derivatives with
/// respect to the operands marked in `active`.
class Applied {
 public:
  constexpr Applied(Graph& graph, const Operation& op, const Sample& sample)
      : graph_(&graph), op_(&op), sample_(&sample) {
    for (const Type& type : input_types(op, sample)) operands.push_back(add_input(graph, type));
    result = test::apply(graph, op, sample, operands);
    for (const Value operand : operands) active.push_back(operand.kind() == Kind::real ? 1 : 0);
    if (is_input(op) || result.kind() != Kind::real) active.assign(operands.size(), 0);
  }

  /// The derivative in the direction of `tangents`, one for each active operand.
  constexpr Value tangent(const std::vector<Value>& tangents) const {
    std::vector<Value> placeholders;
    std::vector<autodiff::Dual> duals;
    std::vector<Value> varied = operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (active[i] == 0) continue;
      duals.push_back({operands[i], tangents[placeholders.size()]});
      placeholders.push_back(ops::input(*graph_, operands[i].type()));
      varied[i] = placeholders.back();
    }
    if (placeholders.empty()) return ops::zeros_like(result);
    const Value outputs[] = {test::apply(*graph_, *op_, *sample_, varied)};
    const Value found = autodiff::push_forward(*graph_, placeholders, duals, outputs)[0].tangent;
    return found.absent() ? ops::zeros_like(result) : found;
  }

  /// The cotangents of the active operands.
  constexpr std::vector<Value> transpose(Value cotangent) const {
    std::vector<Value> directions;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (active[i] != 0) directions.push_back(ops::input(*graph_, operands[i].type()));
    }
    const Value outputs[] = {tangent(directions)};
    const Value cotangents[] = {cotangent};
    std::vector<Value> pulled = autodiff::transpose(*graph_, directions, outputs, cotangents);
    for (std::size_t i = 0; i < pulled.size(); ++i) {
      if (pulled[i].absent()) pulled[i] = ops::zeros_like(directions[i]);
    }
    return pulled;
  }

  std::vector<Value> operands;
  Value result;
  std::vector<char> active;

 private:
  Graph* graph_;
  const Operation* op_;
  const Sample* sample_;
};

constexpr void add_output(Graph& graph, Value output) { graph.outputs.push_back(output.id); }

/// Inputs: the operands. Output: the operation's value.
constexpr void add_value(Graph& graph, const Operation& op, const Sample& sample) {
  add_output(graph, Applied(graph, op, sample).result);
}

/// Inputs: the operands, then a tangent for each real one. Output: the tangent.
constexpr void add_tangent(Graph& graph, const Operation& op, const Sample& sample, int only = -1) {
  Applied applied(graph, op, sample);
  std::vector<Value> tangents;
  for (std::size_t i = 0; i < applied.operands.size(); ++i) {
    if (only >= 0 && static_cast<int>(i) != only) applied.active[i] = 0;
    if (applied.active[i] != 0) tangents.push_back(add_input(graph, applied.operands[i].type()));
  }
  add_output(graph, applied.tangent(tangents));
}

/// Inputs: the operands, then the result's cotangent. Outputs: the cotangents of the real operands.
constexpr void add_transpose(Graph& graph, const Operation& op, const Sample& sample, int only = -1) {
  Applied applied(graph, op, sample);
  for (std::size_t i = 0; i < applied.operands.size(); ++i) {
    if (only >= 0 && static_cast<int>(i) != only) applied.active[i] = 0;
  }
  const Value cotangent = add_input(graph, applied.result.type());
  for (const Value pulled : applied.transpose(cotangent)) add_output(graph, pulled);
}

/// The real operands of a sample that derivatives are taken with respect to.
constexpr std::vector<int> differentiable(const Operation& op, const Sample& sample) {
  std::vector<int> operands;
  if (is_input(op) || result_type(op, sample).kind != Kind::real) return operands;
  for (std::size_t i = 0; i < sample.operands.size(); ++i) {
    if (sample.operands[i].type.kind == Kind::real) operands.push_back(static_cast<int>(i));
  }
  return operands;
}

}  // namespace ctgrad::test
