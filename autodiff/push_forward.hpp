#pragma once

#include <ctgrad/autodiff/structural_zeros.hpp>
#include <ctgrad/ops/by_definition.hpp>
#include <ctgrad/ops/result.hpp>

#include <algorithm>
#include <span>
#include <vector>

/// Forward mode on graphs: a function's nodes emitted again for other inputs, together with their tangents.
namespace ctgrad::autodiff {

/// A value and its tangent, which is absent where it is zero.
struct Dual {
  Value primal;
  Value tangent;
};

/// Marks the nodes from `first` on that `outputs` need.
constexpr PerNode<bool> needed_nodes(const Graph& graph, std::span<const Value> outputs, std::int32_t first) {
  PerNode<bool> marks(graph.size());
  bool* needed = marks.data();
  for (const Value output : outputs) {
    if (output.id >= first) needed[output.id] = true;
  }
  const Node* nodes = graph.nodes().data();
  for (std::int32_t id = graph.size() - 1; id >= first; --id) {
    if (!needed[id]) continue;
    const Node& node = nodes[id];
    for (int i = 0; i < node.operand_count; ++i) needed[node.operands[i]] = true;
  }
  return marks;
}

/// The node again, on other operands of the same types.
constexpr Value emit_again(Graph& graph, const Node& node, const Value* operands) {
  Node copy = node;
  for (int i = 0; i < node.operand_count; ++i) copy.operands[i] = operands[i].id;
  return {&graph, graph.add(copy)};
}

/// The operation on the tangents of some operands in place of the operands; absent ones are zeros.
constexpr Value emit_linear(Graph& graph, const Node& node, const Value* operands, const Value* tangents) {
  Value replaced[max_operands];
  for (int i = 0; i < node.operand_count; ++i) {
    replaced[i] = operands[i];
    if (operands[i].kind() == Kind::real)
      replaced[i] = tangents[i].absent() ? ops::zeros_like(operands[i]) : tangents[i];
  }
  return emit_again(graph, node, replaced);
}

/// Says whether structural zeros of a tangent are those of the result's, and of a cotangent those of the
/// operand's.
constexpr bool keeps_zeros(const Operation& op) { return op.works_by_elements(); }

/// The tangent of a node of a bilinear operation: a product for each operand that has one.
constexpr Value tangent_of_product(Graph& graph, const Node& node, const Value* operands,
                                   const Value* tangents, StructuralZeros& zeros) {
  Node product = node;
  // A zero of either factor is there by choice only while the other factor alone varies.
  if (node.operation == &operation<ops::MulNoNan> && !tangents[0].absent() && !tangents[1].absent())
    product.operation = &operation<ops::Mul>;
  const bool commutes = product.operation == &operation<ops::MulNoNan>;
  Value sum;
  for (int i = 0; i < 2; ++i) {
    if (tangents[i].absent()) continue;
    const bool first = i == 0 || commutes;
    const auto rule = [&](Value tangent) {
      const Value factors[] = {first ? tangent : operands[0], first ? operands[1 - i] : tangent};
      return emit_again(graph, product, factors);
    };
    const bool scales = !keeps_zeros(*node.operation) || is_finite_number(operands[1 - i]);
    sum = sum + (scales ? rule(tangents[i]) : zeros.apply(tangents[i], rule));
  }
  return sum;
}

/// The tangent of a node by its operation's rule. If that works by elements, each tangent with structural
/// zeros is given to it alone, since the rule is linear in all of them together.
constexpr Value tangent_by_rule(const Node& node, const Value* operands, const Value* tangents, Value result,
                                StructuralZeros& zeros) {
  const Operation& op = *node.operation;
  Value rest[max_operands];
  Value sum;
  bool any = false;
  for (int i = 0; i < node.operand_count; ++i) {
    rest[i] = tangents[i];
    if (!keeps_zeros(op) || !zeros.any(tangents[i])) {
      any = any || !tangents[i].absent();
      continue;
    }
    rest[i] = {};
    sum = sum + zeros.apply(tangents[i], [&](Value tangent) {
      // Every element is assigned: g++ 12 gives an array of defaults what constant evaluation left in it.
      Value alone[max_operands];
      for (int j = 0; j < node.operand_count; ++j) alone[j] = j == i ? tangent : Value{};
      return op.tangent({operands, alone, result, node.attributes});
    });
  }
  return any ? sum + op.tangent({operands, rest, result, node.attributes}) : sum;
}

/// The tangent of a node by its operation's rule, or else of its definition; for linear and bilinear
/// operations, the operation itself.
constexpr Value tangent_of(Graph& graph, const Node& node, const Value* operands, const Value* tangents,
                           Value result, StructuralZeros& zeros) {
  const Operation& op = *node.operation;
  bool any = false;
  for (int i = 0; i < node.operand_count; ++i) any = any || !tangents[i].absent();
  if (!any || op.linearity == Linearity::constant) return {};
  const bool several_products = op.linearity == Linearity::bilinear && op.results != nullptr;
  if (op.linearity == Linearity::nonlinear || several_products) {
    return op.tangent != nullptr ? tangent_by_rule(node, operands, tangents, result, zeros)
                                 : tangent_by_definition(graph, node, operands, tangents);
  }
  if (op.linearity == Linearity::bilinear) return tangent_of_product(graph, node, operands, tangents, zeros);
  if (op.tangent != nullptr) return op.tangent({operands, tangents, result, node.attributes});
  return emit_linear(graph, node, operands, tangents);
}

/// Walks a function's nodes in order and emits each again on what took the place of its operands.
class ForwardMode {
 public:
  /// `inputs` take the place of `placeholders`; nodes before the first of these stay as they are.
  constexpr ForwardMode(Graph& graph, std::span<const Value> placeholders, std::span<const Dual> inputs)
      : graph_(graph), first_(placeholders.front().id), last_(graph.size()), emitted_(last_), zeros_(graph) {
    for (std::size_t i = 0; i < placeholders.size(); ++i) {
      emitted_[placeholders[i].id] = {inputs[i].primal, inputs[i].tangent, inputs[i].primal, 0};
    }
  }

  constexpr void walk(std::span<const Value> outputs) {
    const PerNode<bool> marks = needed_nodes(graph_, outputs, first_);
    const bool* needed = marks.data();
    const Emitted* emitted = emitted_.data();
    for (std::int32_t id = first_; id < last_; ++id) {
      if (needed[id] && emitted[id].primal.id < 0) visit(id);
    }
  }

  constexpr Dual dual(std::int32_t id) const {
    const Emitted found = emitted(id);
    return {found.primal, found.tangent};
  }

 private:
  /// A node again. Tangent rules read `residual`: the primal, or within a recomputed function the primal
  /// computed again.
  struct Emitted {
    Value primal;
    Value tangent;
    Value residual;
    int depth = 0;  ///< how many recomputed functions the node lies in
  };

  constexpr Emitted emitted(std::int32_t id) const {
    if (!emitted_[id].primal.absent()) return emitted_[id];
    return {{&graph_, id}, {}, {&graph_, id}, 0};
  }

  constexpr void visit(std::int32_t id) {
    const Node node = graph_[id];
    Value primals[max_operands];
    Value tangents[max_operands];
    Value residuals[max_operands];
    bool moved = false;
    bool again = false;
    int depth = 0;
    for (int i = 0; i < node.operand_count; ++i) {
      const Emitted operand = emitted(node.operands[i]);
      primals[i] = operand.primal;
      tangents[i] = operand.tangent;
      residuals[i] = operand.residual;
      moved = moved || primals[i].id != node.operands[i] || !tangents[i].absent();
      again = again || residuals[i].id != primals[i].id;
      depth = std::max(depth, operand.depth);
    }
    if (!moved) return;
    Emitted& result = emitted_[id];
    result.primal = emit_again(graph_, node, primals);
    result.residual = again ? emit_again(graph_, node, residuals) : result.primal;
    result.tangent = tangent_of(graph_, node, residuals, tangents, result.residual, zeros_);
    result.depth = depth;
    if (node.operation == &operation<ops::RecomputeBegin>) {
      ++result.depth;
      result.residual = ops::recompute(result.residual);
    } else if (node.operation == &operation<ops::RecomputeEnd> && --result.depth <= 0) {
      result.residual = result.primal;
    }
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  PerNode<Emitted> emitted_;
  StructuralZeros zeros_;
};

/// The outputs of a function that was traced on `placeholders`, for `inputs` in their place: primals and
/// tangents. Nodes that don't depend on a placeholder stay as they are.
constexpr std::vector<Dual> push_forward(Graph& graph, std::span<const Value> placeholders,
                                         std::span<const Dual> inputs, std::span<const Value> outputs) {
  std::vector<Dual> result;
  if (placeholders.empty()) {
    for (const Value output : outputs) result.push_back({output, {}});
    return result;
  }
  ForwardMode forward(graph, placeholders, inputs);
  forward.walk(outputs);
  for (const Value output : outputs) result.push_back(forward.dual(output.id));
  return result;
}

}  // namespace ctgrad::autodiff
