#pragma once

#include <ctgrad/graph/passes/row_layout.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// What a group of nodes reads, and whether one step can.
namespace ctgrad::passes {

/// The nodes that a group computes and those that it reads, each once; numbers are written into the code.
class GroupContents {
 public:
  constexpr GroupContents(const Graph& graph, const StorageMap& storage, const std::int32_t* groups)
      : graph_(graph), storage_(storage), groups_(groups) {}

  /// Of the group that ends with `end`, `extra` being a member too (-1 for none).
  constexpr void collect(std::int32_t end, const std::vector<std::int32_t>& kept, std::int32_t extra) {
    end_ = end;
    extra_ = extra;
    visit(end);
    for (const std::int32_t id : kept) visit(id);
    if (extra >= 0) visit(extra);
  }

  constexpr bool reads(std::int32_t id) const { return contains(sources, id); }
  constexpr bool computes(std::int32_t id) const { return contains(members, id); }

  /// Says whether rows of the shape `full` can be worked on: every source has one step from row to row, and
  /// what is taken by whole rows lies in one piece.
  constexpr bool works_by_rows(const Shape& full) const {
    bool keeps = false;
    for (const std::int32_t id : members) {
      const RowRole role = row_role(graph_, id, full);
      if (role == RowRole::none) return false;
      if (role != RowRole::map && role != RowRole::reduction) continue;
      const std::int32_t operand = graph_[id].operands[0];
      keeps = keeps || role == RowRole::map || !reads(operand);
      if (reads(operand) && strides(operand).last() != 1) return false;
    }
    for (const std::int32_t id : sources) {
      if (row_step(graph_[id].type.shape, strides(id)) < 0) return false;
    }
    return !keeps || full.last() <= longest_kept_row;
  }

  std::vector<std::int32_t> members;
  std::vector<std::int32_t> sources;
  int evaluations = 0;  ///< how often members are computed where each is computed anew for all that take it

 private:
  static constexpr bool contains(const std::vector<std::int32_t>& list, std::int32_t id) {
    for (const std::int32_t other : list) {
      if (other == id) return true;
    }
    return false;
  }

  constexpr Shape strides(std::int32_t id) const {
    const std::int32_t root = storage_.root(id);
    return strides_within(graph_, id, root, storage_.kind(root) == Storage::element);
  }

  constexpr bool is_member(std::int32_t id) const { return id == extra_ || groups_[id] == end_; }

  constexpr void visit(std::int32_t id) {
    if (++evaluations > 4 * most_members) return;
    if (!contains(members, id)) members.push_back(id);
    const Node& node = graph_[id];
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      if (storage_.kind(operand) == Storage::view &&
          graph_[operand].operation == &operation<ops::Broadcast> && is_member(graph_[operand].operands[0])) {
        operand = graph_[operand].operands[0];
      }
      if (is_member(operand)) {
        visit(operand);
      } else if (graph_[operand].operation != &operation<ops::Constant> && !reads(operand)) {
        sources.push_back(operand);
      }
    }
  }

  const Graph& graph_;
  const StorageMap& storage_;
  const std::int32_t* groups_;
  std::int32_t end_ = -1;
  std::int32_t extra_ = -1;
};

}  // namespace ctgrad::passes
