#pragma once

#include <ctgrad/autodiff/push_forward.hpp>

/// An axis added in front of everything that a part of a graph computes.
namespace ctgrad::autodiff {

/// Emits the nodes that follow from `placeholders` again, with the added axis: by the batching rule of their
/// operation; or else by its definition, if it has one and works neither by elements nor along rows; or else
/// as the node on operands with the axis.
class Vectorizer {
 public:
  constexpr Vectorizer(Graph& graph, std::span<const Value> placeholders, std::span<const Value> batched,
                       Size count)
      : graph_(graph),
        first_(placeholders.front().id),
        last_(graph.size()),
        count_(count),
        emitted_(at(last_)) {
    for (std::size_t i = 0; i < placeholders.size(); ++i) emitted_[at(placeholders[i].id)] = batched[i];
  }

  constexpr void walk(std::span<const Value> outputs) {
    const PerNode<bool> needed = needed_nodes(graph_, outputs, first_);
    for (std::int32_t id = first_; id < last_; ++id) {
      if (needed[id] && emitted_[at(id)].absent()) visit(id);
    }
  }

  /// The output with the added axis; repeated along it if it does not depend on a placeholder.
  constexpr Value batched(Value output) const {
    if (moved(output.id)) return emitted_[at(output.id)];
    return ops::broadcast_to(output, ops::with_leading_axis(count_, output.shape()));
  }

 private:
  constexpr std::size_t at(std::int32_t id) const { return static_cast<std::size_t>(id - first_); }
  constexpr bool moved(std::int32_t id) const {
    return id >= first_ && id < last_ && !emitted_[at(id)].absent();
  }

  constexpr void visit(std::int32_t id) {
    const Node node = graph_[id];
    Value operands[max_operands];
    bool batched[max_operands] = {};
    bool any = false;
    for (int i = 0; i < node.operand_count; ++i) {
      batched[i] = moved(node.operands[i]);
      operands[i] = batched[i] ? emitted_[at(node.operands[i])] : Value{&graph_, node.operands[i]};
      any = any || batched[i];
    }
    if (!any) return;
    emitted_[at(id)] = with_axis({graph_, node, operands, batched, count_});
  }

  static constexpr Value with_axis(const BatchArguments& b) {
    const Operation& op = *b.node.operation;
    if (op.batch != nullptr) return op.batch(b);
    if (op.definition != nullptr && !takes_leading_axes(op)) return batch_by_definition(b);
    return ops::emit_batched(b, b.node.attributes);
  }

  /// Says whether an operation works by elements or along the last axis, whatever axes lie in front.
  static constexpr bool takes_leading_axes(const Operation& op) {
    return op.is_elementwise || op.row_work == RowWork::map || op.row_work == RowWork::reduction;
  }

  Graph& graph_;
  std::int32_t first_;
  std::int32_t last_;
  Size count_;
  std::vector<Value> emitted_;
};

}  // namespace ctgrad::autodiff
