#pragma once

#include <ctgrad/plan/row_layout.hpp>
#include <ctgrad/plan/storage.hpp>

/// What a group of nodes computes and reads, and whether one kernel call can do that.
namespace ctgrad::plan {

/// The members of a group, besides its end, whose values its kernel call writes for users outside the group.
struct KeptMembers {
  std::int32_t count = 0;
  std::int32_t ids[max_extras] = {};
};

/// z = exp(x) y + 2, a group  ->  members {exp, mul, add}, sources {x, y}: what a group computes and what it
/// reads, each node once. Constants of one number are no sources: they are written into the kernel's code.
class GroupContents {
 public:
  constexpr GroupContents(const Graph& graph, const StorageMap& storage, const std::int32_t* groups)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        kinds_(storage.kinds.data()),
        roots_(storage.roots.data()),
        groups_(groups) {}

  /// Collects the group of `end`, which keeps `kept`. The node `extra` counts as a member before it has
  /// joined; -1 for none.
  constexpr void collect(std::int32_t end, const KeptMembers& kept, std::int32_t extra) {
    end_ = end;
    extra_ = extra;
    visit(end);
    for (int i = 0; i < kept.count; ++i) visit(kept.ids[i]);
    if (extra >= 0) visit(extra);
  }

  constexpr bool reads(std::int32_t id) const { return contains(sources, source_count, id); }
  constexpr bool computes(std::int32_t id) const { return contains(members, member_count, id); }
  /// Says whether a call has room for all members and sources, and computes few members several times: a
  /// kernel computes a member anew for each of its users.
  constexpr bool fits() const { return fits_ && evaluations_ <= 2 * most_members; }

  /// Says whether a kernel can compute the group row by row, `full` being the shape [rows..., width]. Every
  /// member must have a role in rows, every source must lie at one stride from row to row, and the elements
  /// of a source that is mapped or reduced by whole rows must lie side by side.
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

  /// Says whether every source lies in memory at one stride from each row to the next.
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
  /// Says whether a value has memory of its own, with all elements side by side.
  constexpr bool is_whole(std::int32_t id) const { return id == roots_[id] && kinds_[id] != Storage::splat; }

  constexpr void visit(std::int32_t id) {
    if (++evaluations_ > 2 * most_members || !fits_) return;
    add(members, member_count, id);
    const Node& node = nodes_[id];
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      bool member = operand == extra_ || groups_[operand] == end_;
      if (kinds_[operand] == Storage::view && nodes_[operand].operation->repeats) {
        const std::int32_t repeated = nodes_[operand].operands[0];
        if (repeated == extra_ || groups_[repeated] == end_) {
          operand = repeated;
          member = true;
        }
      }
      if (member) {
        visit(operand);
      } else if (!nodes_[operand].operation->is_splat) {
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
  int evaluations_ = 0;  ///< how often members are computed, each anew for every user
  bool fits_ = true;
};

}  // namespace ctgrad::plan
