#pragma once

#include <ctgrad/autodiff/push_forward.hpp>

#include <array>

/// Reverse mode on graphs: a linear function's nodes walked backwards, each by its operation's transpose
/// rule.
namespace ctgrad::autodiff {

// In by_definition.hpp.
constexpr std::vector<Value> cotangents_by_definition(Graph& graph, const Node& node, const Value* operands,
                                                      const bool* linear, const Value* cotangents);

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
  /// The cotangents of a node's results, absent where zero.
  using PerResult = std::array<Value, max_operands>;

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
    const Value* several = op.results != nullptr ? results_.data()[cotangents_[id] - 1].data() : nullptr;
    const Value of_result = several != nullptr ? Value{} : cotangent(id);
    if (op.transpose == nullptr) {
      const std::vector<Value> pulled =
          cotangents_by_definition(graph_, node, operands, marks, several != nullptr ? several : &of_result);
      for (int i = 0; i < node.operand_count; ++i) accumulate(node.operands[i], pulled.data()[i]);
      return;
    }
    for (int i = 0; i < node.operand_count; ++i) {
      if (!marks[i]) continue;
      const Type type = graph_[node.operands[i]].type;
      const auto rule = [&](Value of) {
        const Value* of_all = several != nullptr ? several : &of;
        return op.transpose({i, of, operands, type, node.attributes, node, of_all});
      };
      const bool meets_slope = op.linearity != Linearity::linear && keeps_zeros(op) && !scales(node, i);
      accumulate(node.operands[i], meets_slope ? zeros_.apply(of_result, rule) : rule(of_result));
    }
  }

  /// Keeps the cotangent of one result of a node for the visit to that node.
  constexpr void accumulate_result(const Node& result, Value part) {
    std::int32_t& kept = cotangents_[result.operands[0]];
    if (kept == 0) {
      results_.push_back({});
      kept = static_cast<std::int32_t>(results_.size());
    }
    Value& sum = results_.data()[kept - 1].data()[result.attributes.integers[0]];
    sum = sum + part;
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
  std::vector<PerResult> results_;    ///< of nodes with several results, which number these in `cotangents_`
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
