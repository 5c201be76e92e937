#pragma once

#include <ctgrad/plan/kernel_call.hpp>
#include <ctgrad/plan/row_roles.hpp>

#include <algorithm>

/// How a kernel that works row by row goes through one row: in phases of one loop along the row each.
///
///     y = x - sum(x) / 6, x and y [4, 6]       what the kernel does for each of the 4 rows
///
///     member          role     ready  row      phase 0   for j: s += x[j]
///     s = sum(x)      fold       1    none     phase 1   m = s / 6
///     m = s / 6       narrow     1    none               for j: y[j] = x[j] - m
///     y = x - m       full       1    0
namespace ctgrad::plan {

/// The members that a group has at most.
inline constexpr int most_members = 16;

/// The longest row, in elements, that a kernel keeps on its stack.
inline constexpr Size longest_kept_row = 1024;

/// The members of one call's group, in the order of their numbers, and when and where each is computed.
///
/// A member is ready in a phase: it can be used from there on. A fold becomes ready in the phase behind the
/// loop that folds. Numbers and whole rows are computed before the loop of the phase in which they are ready,
/// elements within it. A member has a row to lie in if the call writes it, if another member takes it as a
/// whole row, or if a later phase would compute it again at a high cost. That row is of the call's result, of
/// one of its extra results, or on the stack, where it is kept until the next row begins.
struct RowLayout {
  int count = 0;  ///< how many members there are
  std::int32_t ids[most_members] = {};
  RowRole roles[most_members] = {};
  int ready[most_members] = {};
  int rows[most_members] = {};  ///< 0: the result's, 1 to 3: the extra results', then kept ones; -1: none
  int kept = 0;                 ///< how many rows are kept on the stack
  int phases = 1;
  Shape full;  ///< [rows..., width]

  constexpr int index_of(std::int32_t id) const {
    for (int i = 0; i < count; ++i) {
      if (ids[i] == id) return i;
    }
    return -1;
  }
};

/// What is done with members at some point of a phase.
enum class RowDuty {
  prepare,         ///< numbers and whole rows are computed before the loop along the row
  fold,            ///< elements are folded in the loop, for the phase behind it
  write,           ///< elements are written in the loop
  reduce_columns,  ///< elements are added up in their columns, in whatever phase
};

constexpr bool has_duty(const RowLayout& layout, int i, RowDuty duty, int phase) {
  const RowRole role = layout.roles[i];
  const bool is_ready = layout.ready[i] == phase;
  switch (duty) {
    case RowDuty::prepare:
      return is_ready && role != RowRole::full && role != RowRole::columns && role != RowRole::fold;
    case RowDuty::fold:
      return role == RowRole::fold && layout.ready[i] == phase + 1;
    case RowDuty::write:
      return is_ready && (role == RowRole::columns || (role == RowRole::full && layout.rows[i] >= 0));
    case RowDuty::reduce_columns:
      return role == RowRole::columns;
  }
  return false;
}

/// The positions of some of a layout's members.
struct RowMembers {
  std::size_t count = 0;
  int positions[most_members] = {};
};

constexpr RowMembers members_with(const RowLayout& layout, RowDuty duty, int phase) {
  RowMembers found;
  for (int i = 0; i < layout.count; ++i) {
    if (has_duty(layout, i, duty, phase)) found.positions[found.count++] = i;
  }
  return found;
}

/// Finds the layout of a call whose group works row by row. `groups` holds every node's group by its end.
template <class G>
class RowLayoutFinder {
 public:
  constexpr RowLayoutFinder(const G& graph, const std::int32_t* groups, const KernelCall& call)
      : graph_(graph), groups_(groups), call_(call) {}

  constexpr RowLayout run() {
    collect(call_.node);
    for (int i = 0; i < call_.extra_count; ++i) collect(call_.extras[i]);
    std::sort(layout_.ids, layout_.ids + layout_.count);
    find_shape();
    for (int i = 0; i < layout_.count; ++i) layout_.rows[i] = -1;
    keep(call_.node, 0);
    for (int i = 0; i < call_.extra_count; ++i) keep(call_.extras[i], i + 1);
    for (int i = 0; i < layout_.count; ++i) find_phase(i);
    for (int i = 0; i < layout_.count; ++i) {
      if (layout_.roles[i] == RowRole::full && layout_.rows[i] < 0 && is_dear(i)) keep_row(i);
    }
    return layout_;
  }

 private:
  constexpr void collect(std::int32_t id) {
    if (groups_[id] != call_.node) {
      if (is_repeated_member(id)) collect(graph_[id].operands[0]);
      return;
    }
    if (layout_.index_of(id) >= 0) return;
    layout_.ids[layout_.count++] = id;
    const Node& node = graph_[id];
    for (int i = 0; i < node.operand_count; ++i) collect(node.operands[i]);
  }

  /// Says whether a node repeats a member's numbers.
  constexpr bool is_repeated_member(std::int32_t id) const {
    const Node& node = graph_[id];
    return groups_[id] < 0 && node.operation->repeats && groups_[node.operands[0]] == call_.node;
  }

  /// Finds the shape whose rows the kernel works through, which is the largest among the members' shapes and
  /// those that they fold or map, and with it every member's role.
  constexpr void find_shape() {
    for (int i = 0; i < layout_.count; ++i) {
      const Node& node = graph_[layout_.ids[i]];
      const bool folds = node.operation->row_work != RowWork::none;
      const Shape& shape = folds ? graph_[node.operands[0]].type.shape : node.type.shape;
      if (layout_.full.rank == 0 || layout_.full.size() < shape.size()) layout_.full = shape;
    }
    for (int i = 0; i < layout_.count; ++i) layout_.roles[i] = row_role(graph_, layout_.ids[i], layout_.full);
  }

  constexpr void keep(std::int32_t id, int row) { layout_.rows[layout_.index_of(id)] = row; }
  constexpr void keep_row(int i) {
    if (layout_.rows[i] < 0) layout_.rows[i] = max_extras + 1 + layout_.kept++;
  }

  constexpr int member(std::int32_t id) const {
    return layout_.index_of(is_repeated_member(id) ? graph_[id].operands[0] : id);
  }

  /// Finds the phase in which a member is ready: that of its last operand, or the next one if it needs all of
  /// an operand's row. Operands that are taken as whole rows get a row to lie in.
  constexpr void find_phase(int i) {
    const Node& node = graph_[layout_.ids[i]];
    const RowRole role = layout_.roles[i];
    for (int k = 0; k < node.operand_count; ++k) {
      const int operand = member(node.operands[k]);
      if (operand < 0) continue;
      const bool of_row = role == RowRole::map || role == RowRole::reduction;
      const bool behind = role == RowRole::fold || (of_row && layout_.roles[operand] == RowRole::full);
      if (of_row) keep_row(operand);
      layout_.ready[i] = std::max(layout_.ready[i], layout_.ready[operand] + (behind ? 1 : 0));
    }
    if (role == RowRole::fold) layout_.ready[i] = std::max(layout_.ready[i], 1);
    if (role == RowRole::map) keep_row(i);
    const int loops = layout_.ready[i] + (role == RowRole::fold && layout_.ready[i] > 0 ? 0 : 1);
    layout_.phases = std::max(layout_.phases, loops);
  }

  /// Says whether a later phase needs a member whose elements cost more to compute again than to keep.
  constexpr bool is_dear(int i) const {
    if (layout_.full.last() > longest_kept_row) return false;
    if (graph_[layout_.ids[i]].operation->linearity != Linearity::nonlinear) return false;
    for (int k = 0; k < layout_.count; ++k) {
      const Node& node = graph_[layout_.ids[k]];
      const int loop = layout_.ready[k] - (layout_.roles[k] == RowRole::fold ? 1 : 0);
      for (int n = 0; n < node.operand_count; ++n) {
        if (node.operands[n] == layout_.ids[i] && loop > layout_.ready[i]) return true;
      }
    }
    return false;
  }

  const G& graph_;
  const std::int32_t* groups_;
  const KernelCall& call_;
  RowLayout layout_;
};

}  // namespace ctgrad::plan
