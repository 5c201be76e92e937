#pragma once

#include <ctgrad/graph/passes/row_layout.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// What a group of nodes reads, and whether one call can.
namespace ctgrad::passes {

/// Members of a group, besides its end, whose values are kept.
struct KeptMembers {
  std::int32_t count = 0;
  std::int32_t ids[max_extras] = {};
};

/// The nodes that a group computes and those that it reads, each once; numbers are written into the code.
class GroupContents {
 public:
  constexpr GroupContents(const Graph& graph, const StorageMap& storage, const std::int32_t* groups)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        kinds_(storage.kinds.data()),
        roots_(storage.roots.data()),
        groups_(groups) {}

  /// Of the group that ends with `end`, `extra` being a member too (-1 for none).
  constexpr void collect(std::int32_t end, const KeptMembers& kept, std::int32_t extra) {
    end_ = end;
    extra_ = extra;
    visit(end);
    for (int i = 0; i < kept.count; ++i) visit(kept.ids[i]);
    if (extra >= 0) visit(extra);
  }

  constexpr bool reads(std::int32_t id) const { return contains(sources, source_count, id); }
  constexpr bool computes(std::int32_t id) const { return contains(members, member_count, id); }
  /// Says whether a call has room for all members and sources, and few of them are computed again.
  constexpr bool fits() const { return fits_ && evaluations_ <= 2 * most_members; }

  /// Says whether rows of the shape `full` can be worked on: every source has one stride from row to row, and
  /// what is taken by whole rows lies in one piece.
  constexpr bool works_by_rows(const Shape& full) const {
    bool keeps = false;
    for (int i = 0; i < member_count; ++i) {
      const std::int32_t id = members[i];
      const RowRole role = row_role(graph_, id, full);
      if (role == RowRole::none) return false;
      if (role != RowRole::map && role != RowRole::reduction) continue;
      const std::int32_t operand = nodes_[id].operands[0];
      const bool source = reads(operand);
      keeps = keeps || role == RowRole::map || !source;
      if (source && !is_whole(operand) && strides(operand).last() != 1) return false;
    }
    return has_row_strides() && (!keeps || full.last() <= longest_kept_row);
  }

  /// Says whether every source has one stride from row to row.
  constexpr bool has_row_strides() const {
    for (int i = 0; i < source_count; ++i) {
      const std::int32_t id = sources[i];
      if (!is_whole(id) && row_stride(nodes_[id].type.shape, strides(id)) < 0) return false;
    }
    return true;
  }

  int member_count = 0;
  int source_count = 0;
  std::int32_t members[most_members] = {};
  std::int32_t sources[max_operands - 1] = {};

 private:
  static constexpr bool contains(const std::int32_t* list, int count, std::int32_t id) {
    for (int i = 0; i < count; ++i) {
      if (list[i] == id) return true;
    }
    return false;
  }

  /// Adds a node to a list, once.
  template <std::size_t Capacity>
  constexpr void add(std::int32_t (&list)[Capacity], int& count, std::int32_t id) {
    for (int i = 0; i < count; ++i) {
      if (list[i] == id) return;
    }
    fits_ = fits_ && count < static_cast<int>(Capacity);
    if (fits_) list[count++] = id;
  }

  constexpr Shape strides(std::int32_t id) const {
    const std::int32_t root = roots_[id];
    return strides_within(graph_, id, root, kinds_[root] == Storage::splat);
  }
  /// Says whether a value has memory of its own, all elements one behind the other.
  constexpr bool is_whole(std::int32_t id) const { return id == roots_[id] && kinds_[id] != Storage::splat; }

  constexpr void visit(std::int32_t id) {
    if (++evaluations_ > 2 * most_members || !fits_) return;
    add(members, member_count, id);
    const Node& node = nodes_[id];
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      bool member = operand == extra_ || groups_[operand] == end_;
      if (kinds_[operand] == Storage::view && nodes_[operand].operation == &operation<ops::Broadcast>) {
        const std::int32_t repeated = nodes_[operand].operands[0];
        if (repeated == extra_ || groups_[repeated] == end_) {
          operand = repeated;
          member = true;
        }
      }
      if (member) {
        visit(operand);
      } else if (nodes_[operand].operation != &operation<ops::Constant>) {
        add(sources, source_count, operand);
      }
    }
  }

  const Graph& graph_;
  const Node* nodes_;
  const Storage* kinds_;
  const std::int32_t* roots_;
  const std::int32_t* groups_;
  std::int32_t end_ = -1;
  std::int32_t extra_ = -1;
  int evaluations_ = 0;  ///< of members, each being computed anew for all that take it
  bool fits_ = true;
};

}  // namespace ctgrad::passes
