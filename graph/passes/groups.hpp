#pragma once

#include <ctgrad/graph/passes/step.hpp>
#include <ctgrad/graph/passes/storage.hpp>
#include <ctgrad/ops/matmul.hpp>

/// Which nodes one step computes together.
namespace ctgrad::passes {

/// y = x c, z = y + b, outputs {z}  ->  one step: z = x c + b.
///
/// A node that works element by element joins the step of the one that takes it, if nothing else does, and
/// their shapes are equal. A matrix product joins the step that takes it in the same way, and is finished
/// there tile by tile.
class Grouper {
 public:
  constexpr Grouper(const Graph& graph, const StorageMap& storage)
      : graph_(graph),
        storage_(storage),
        groups_(graph.nodes().size(), -1),
        users_(graph.size()),
        user_(graph.size()) {}

  /// Fills the groups of a plan and gives, for every node that ends a group, the product it finishes.
  constexpr std::vector<std::int32_t> run(Plan& plan) {
    std::vector<std::int32_t> products(graph_.nodes().size(), -1);
    count_users();
    for (std::int32_t id = graph_.size() - 1; id >= 0; --id) {
      if (storage_.kinds.data()[id] == Storage::view || storage_.kinds.data()[id] == Storage::input) continue;
      groups_.data()[id] = graph_.passes.elementwise && joins_user(id) ? group(user_.data()[id]) : id;
    }
    for (std::int32_t id = graph_.size() - 1; graph_.passes.epilogue && id >= 0; --id) {
      if (graph_[id].operation != &operation<ops::Matmul> || storage_.kinds.data()[id] != Storage::buffer)
        continue;
      const std::int32_t end = finishing_group(id, products);
      if (end < 0) continue;
      groups_.data()[id] = end;
      products.data()[end] = id;
    }
    plan.groups = std::move(groups_);
    return products;
  }

 private:
  static constexpr std::size_t most_members = 16;

  constexpr std::int32_t group(std::int32_t id) const { return groups_.data()[id]; }

  constexpr void count_users() {
    for (const std::int32_t id : graph_.outputs) users_.data()[id] += 2;
    for (std::int32_t id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      for (int i = 0; i < node.operand_count; ++i) {
        const std::int32_t operand = node.operands[i];
        if (user_.data()[operand] != id) ++users_.data()[operand];
        user_.data()[operand] = id;
      }
    }
  }

  /// Says whether a node is computed in its only user's step.
  constexpr bool joins_user(std::int32_t id) const {
    const Node& node = graph_[id];
    if (!node.operation->is_elementwise || is_broadcast(node) || node.type.kind == Kind::index) return false;
    if (storage_.kinds.data()[id] != Storage::buffer || users_.data()[id] != 1) return false;
    const std::int32_t user = user_.data()[id];
    const Node& taker = graph_[user];
    if (!taker.operation->is_elementwise || is_broadcast(taker) || taker.type.kind == Kind::index)
      return false;
    if (storage_.kinds.data()[user] != Storage::buffer || !(taker.type.shape == node.type.shape))
      return false;
    return fits(group(user), id);
  }

  /// Says whether a group with one more member reads no more than a step can, and is not too large.
  constexpr bool fits(std::int32_t end, std::int32_t id) const {
    std::vector<std::int32_t> sources;
    std::size_t members = 0;
    collect(end, end, id, sources, members);
    return sources.size() <= static_cast<std::size_t>(max_operands) - 1 && members <= most_members;
  }

  /// What a group reads, `extra` being a member too.
  constexpr void collect(std::int32_t end, std::int32_t id, std::int32_t extra,
                         std::vector<std::int32_t>& sources, std::size_t& members) const {
    ++members;
    const Node& node = graph_[id];
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = node.operands[i];
      if (operand == extra || group(operand) == end) {
        collect(end, operand, extra, sources, members);
      } else if (graph_[operand].operation != &operation<ops::Constant>) {
        bool known = false;
        for (const std::int32_t other : sources) known = known || other == operand;
        if (!known) sources.push_back(operand);
      }
    }
  }

  /// The end of the group that takes a product and nothing else does; -1 if there is none that can finish it.
  constexpr std::int32_t finishing_group(std::int32_t id, const std::vector<std::int32_t>& products) const {
    const Shape& product = graph_[id].type.shape;
    std::int32_t at = id;
    while (users_.data()[at] == 1 && graph_[user_.data()[at]].operation == &operation<ops::Reshape>)
      at = user_.data()[at];
    if (users_.data()[at] != 1) return -1;
    const std::int32_t user = user_.data()[at];
    if (!graph_[user].operation->is_elementwise || is_broadcast(graph_[user])) return -1;
    const std::int32_t end = group(user);
    if (end < 0 || storage_.kinds.data()[end] != Storage::buffer || products.data()[end] >= 0) return -1;
    const Node& last = graph_[end];
    if (last.type.kind != Kind::real || last.type.shape.size() != product.size() || product.size() == 0)
      return -1;
    if (last.type.shape.rank == 0 || last.type.shape.last() != product.last()) return -1;
    std::vector<std::int32_t> sources;
    std::size_t members = 0;
    collect(end, end, -1, sources, members);
    if (sources.size() + 1 > static_cast<std::size_t>(max_operands)) return -1;
    for (const std::int32_t source : sources) {
      if (!has_row_step(source, last.type.shape)) return -1;
    }
    return end;
  }

  /// Says whether a source is read with one step from row to row: it is dense, or repeats a row or column.
  constexpr bool has_row_step(std::int32_t source, const Shape& shape) const {
    const Node& node = graph_[source];
    if (!is_broadcast(node) || storage_.kinds.data()[source] != Storage::view) return true;
    const Shape& from = graph_[node.operands[0]].type.shape;
    bool whole = true;
    bool single = true;
    for (int axis = 0; axis + 1 < shape.rank; ++axis) {
      whole = whole && from[axis] == shape[axis];
      single = single && from[axis] == 1;
    }
    return whole || single;
  }

  const Graph& graph_;
  const StorageMap& storage_;
  std::vector<std::int32_t> groups_;
  PerNode<std::int32_t> users_;
  PerNode<std::int32_t> user_;  ///< of each node, the last one that takes it
};

}  // namespace ctgrad::passes
