#pragma once

#include <ctgrad/ops/constant.hpp>

/// Nodes with several results.
///
///     %3 = attention %0 %1 %2   [30]      a buffer: its results behind each other
///     %4 = result %3            [6, 4]    a view: elements 0 to 23
///     %5 = result %3 {1,24}     [6]       a view: elements 24 to 29
namespace ctgrad::ops {

/// Writes the types of a node's results and returns their number.
constexpr int result_types(const Graph& graph, const Node& node, Type (&results)[max_operands]) {
  if (node.operation->results == nullptr) {
    results[0] = node.type;
    return 1;
  }
  Type operands[max_operands];
  for (int i = 0; i < node.operand_count; ++i) operands[i] = graph[node.operands[i]].type;
  return node.operation->results(operands, node.attributes, results);
}

/// The type of a node of an operation with several results: a vector that holds them all.
template <class Op>
constexpr Type vector_of_results(const Type* operands, const Attributes& attributes) {
  Type results[max_operands];
  const int count = Op::results(operands, attributes, results);
  Size size = 0;
  for (int i = 0; i < count; ++i) size += results[i].shape.size();
  return {results[0].kind, shape_of(size)};
}

/// Several values as what a definition, a tangent or a batching rule gives for an operation with several
/// results. It is never run: `result` of it is the value itself.
struct Tuple {
  static constexpr auto name = "tuple";
  static constexpr Linearity linearity = Linearity::nonlinear;
};

constexpr Value tuple(const std::vector<Value>& values) {
  Node node{&operation<Tuple>, {Kind::real, shape_of(0)}, {}, {}, 0};
  for (const Value value : values) node.operands[node.operand_count++] = value.id;
  return {values.front().graph, values.front().graph->add(node)};
}

/// One result of a node that has several. Attributes: which one, its first element in the node's vector, and
/// its shape.
struct Result {
  static constexpr auto name = "result";
  static constexpr bool is_view = true;
  static constexpr bool moves = true;
  static constexpr Linearity linearity = Linearity::linear;

  static constexpr Type infer(const Type* x, const Attributes& part) {
    if (part.integers[1] + part.shape.size() > x[0].shape.size())
      throw std::invalid_argument("result: " + to_string(part.shape) + " leaves " + to_string(x[0].shape));
    return {x[0].kind, part.shape};
  }
  /// Where it begins in the vector, which is dense.
  static constexpr Size view_offset(const Shape&, const Attributes& part) { return part.integers[1]; }

  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    strides = row_major_strides(v.to);
    return true;
  }

  static constexpr Value tangent(const TangentArguments& t);
  static constexpr Value batch(const BatchArguments& b);
};

/// Result `which` of a node; of a tuple, the value itself. Of a node with one result, result 0 is the node.
constexpr Value result(Value all, int which) {
  const Node node = all.node();
  if (node.operation == &operation<Tuple>) return all.operand(which);
  if (node.operation->results == nullptr && which == 0) return all;
  Type types[max_operands];
  if (which >= result_types(*all.graph, node, types))
    throw std::logic_error(std::string(node.operation->name) + ": has no result " + to_string(Size{which}));
  Attributes part;
  part.integers[0] = which;
  for (int i = 0; i < which; ++i) part.integers[1] += static_cast<std::int32_t>(types[i].shape.size());
  part.shape = types[which].shape;
  return emit<Result>(part, all);
}

/// The same result of the tangent, whose zeros are absent again.
constexpr Value Result::tangent(const TangentArguments& t) {
  const Value part = ops::result(t.tangents[0], t.attributes.integers[0]);
  const Node& node = part.node();
  return node.operation == &operation<Constant> && node.attributes.value == 0 ? Value{} : part;
}

constexpr Value Result::batch(const BatchArguments& b) {
  return ops::result(b.operands[0], b.node.attributes.integers[0]);
}

}  // namespace ctgrad::ops
