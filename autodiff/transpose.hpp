#pragma once

#include <ctgrad/autodiff/push_forward.hpp>

/// Reverse mode on graphs: a linear function's nodes walked backwards, each by its operation's transpose
/// rule.
namespace ctgrad::autodiff {

/// Walks the nodes of a linear function backwards and gives each operand its part of the cotangent.
class Transposer {
 public:
  constexpr Transposer(Graph& graph, std::span<const Value> placeholders)
      : graph_(graph),
        first_(placeholders.front().id),
        last_(graph.size()),
        linear_(last_),
        cotangents_(last_),
        zeros_(graph) {
    for (const Value placeholder : placeholders) linear_[placeholder.id] = true;
    bool* marks = linear_.data();
    const Node* nodes = graph_.nodes().data();
    for (std::int32_t id = first_; id < last_; ++id) {
      const Node& node = nodes[id];
      for (int i = 0; i < node.operand_count && !marks[id]; ++i) marks[id] = marks[node.operands[i]];
    }
  }

  /// Says whether a node depends on a placeholder.
  constexpr bool linear(std::int32_t id) const { return id < last_ && linear_[id]; }

  constexpr void accumulate(std::int32_t id, Value part) { cotangents_[id] = (cotangent(id) + part).id + 1; }
  constexpr Value cotangent(std::int32_t id) const { return {&graph_, cotangents_[id] - 1}; }

  constexpr void walk() {
    const std::int32_t* cotangents = cotangents_.data();
    for (std::int32_t id = last_ - 1; id >= first_; --id) {
      if (cotangents[id] != 0) visit(id);
    }
  }

 private:
  constexpr void visit(std::int32_t id) {
    const Node node = graph_[id];
    const Operation& op = *node.operation;
    if (&op == &operation<ops::Result>) return accumulate_result(node, cotangent(id));
    Value operands[max_operands];
    bool marks[max_operands] = {};
    int linear_operands = 0;
    for (int i = 0; i < node.operand_count; ++i) {
      operands[i] = {&graph_, node.operands[i]};
      marks[i] = linear(node.operands[i]);
      linear_operands += marks[i] ? 1 : 0;
    }
    if (linear_operands == 0) return;
    const bool lacks_rule = op.transpose == nullptr && op.definition == nullptr;
    if (lacks_rule || (op.linearity == Linearity::bilinear && linear_operands > 1)) {
      throw std::logic_error(std::string(op.name) + ": not linear in what is transposed");
    }
    if (op.results == nullptr) {
      const Value of_result = cotangent(id);
      pull(node, operands, marks, &of_result);
    } else {
      Value of_results[max_operands];
      for (int i = 0; i < max_operands; ++i)
        of_results[i] = {&graph_, results_.data()[cotangents_[id] - 1 + i] - 1};
      pull(node, operands, marks, of_results);
    }
  }

  /// Gives the marked operands of a node their parts of its results' cotangents.
  constexpr void pull(const Node& node, const Value* operands, const bool* marks, const Value* of_results) {
    const Operation& op = *node.operation;
    if (op.transpose == nullptr) {
      const std::vector<Value> pulled = cotangents_by_definition(graph_, node, operands, marks, of_results);
      for (int i = 0; i < node.operand_count; ++i) accumulate(node.operands[i], pulled.data()[i]);
      return;
    }
    const bool several = op.results != nullptr;
    const Value of_result = several ? Value{&graph_, -1} : *of_results;
    for (int i = 0; i < node.operand_count; ++i) {
      if (!marks[i]) continue;
      const Type type = graph_[node.operands[i]].type;
      const auto rule = [&](Value of) {
        return op.transpose({i, of, operands, type, node.attributes, node, several ? of_results : &of});
      };
      // Where the result is one number, all that follows from its cotangent is 0 where that is.
      const bool keeps = keeps_zeros(op) || node.type.shape.rank == 0;
      const bool meets_slope = op.linearity != Linearity::linear && keeps && !scales(node, i);
      accumulate(node.operands[i], meets_slope ? zeros_.apply(of_result, rule) : rule(of_result));
    }
  }

  /// Keeps the cotangent of one result of a node for the visit to that node.
  constexpr void accumulate_result(const Node& result, Value part) {
    std::int32_t& first = cotangents_[result.operands[0]];
    if (first == 0) {
      first = static_cast<std::int32_t>(results_.size()) + 1;
      results_.resize(results_.size() + max_operands, 0);
    }
    std::int32_t& sum = results_.data()[first - 1 + result.attributes.integers[0]];
    sum = (Value{&graph_, sum - 1} + part).id + 1;
  }

  /// Says whether all that a product does to an operand is to multiply it by a number.
  constexpr bool scales(const Node& node, int operand) const {
    return node.operand_count == 2 && node.operation->linearity == Linearity::bilinear &&
           is_finite_number({&graph_, node.operands[1 - operand]});
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  PerNode<bool> linear_;
  PerNode<std::int32_t> cotangents_;  ///< their numbers plus 1, 0 where absent
  /// The cotangents of the results of nodes that have several, likewise. `cotangents_` says where those of a
  /// node begin, plus 1.
  std::vector<std::int32_t> results_;
  StructuralZeros zeros_;
};

/// The cotangents of the linear inputs `placeholders`, given those of `outputs`; absent where an input has no
/// influence. The nodes between them must be linear: throws std::logic_error where one is not.
constexpr std::vector<Value> transpose(Graph& graph, std::span<const Value> placeholders,
                                       std::span<const Value> outputs, std::span<const Value> cotangents) {
  std::vector<Value> result;
  if (placeholders.empty()) return result;
  Transposer transposer(graph, placeholders);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (transposer.linear(outputs[i].id)) transposer.accumulate(outputs[i].id, cotangents[i]);
  }
  transposer.walk();
  for (const Value placeholder : placeholders) result.push_back(transposer.cotangent(placeholder.id));
  return result;
}

}  // namespace ctgrad::autodiff
