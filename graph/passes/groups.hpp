#pragma once

#include <ctgrad/graph/passes/group_contents.hpp>
#include <ctgrad/graph/passes/users.hpp>
#include <ctgrad/ops/add.hpp>
#include <ctgrad/ops/matmul.hpp>

#include <limits>

/// Which nodes one call computes together.
namespace ctgrad::passes {

/// Groups of nodes, each named by the node that ends it.
struct Groups {
  PerNode<std::int32_t> ends;      ///< of every node; -1 for what is never computed
  PerNode<std::int32_t> products;  ///< of every end, the matrix product that it finishes; or -1
  PerNode<bool> by_rows;           ///< of every end, whether the group works row by row
  PerNode<KeptMembers> kept;       ///< of every end
};

/// y = x c, z = y + b, outputs {z}  ->  one call: z = x c + b.
///
/// A node joins the call of those that take it, if nothing else does. Element by element it works on equal
/// shapes; by rows it also folds, maps and repeats along the last axis, and may keep values for later calls.
/// A matrix product joins the call that takes it, and is finished there tile by tile.
class Grouper {
 public:
  constexpr Grouper(const Graph& graph, const StorageMap& storage)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        storage_(storage),
        kinds_(storage.kinds.data()),
        users_(graph),
        groups_{PerNode<std::int32_t>(graph.size()), PerNode<std::int32_t>(graph.size()),
                PerNode<bool>(graph.size()), PerNode<KeptMembers>(graph.size())},
        ends_(groups_.ends.data()),
        full_(graph.size()),
        is_output_(graph.size()) {
    const std::int32_t count = graph.size();
    std::int32_t* products = groups_.products.data();
    for (std::int32_t id = 0; id < count; ++id) ends_[id] = products[id] = -1;
    for (const std::int32_t id : graph.outputs) is_output_[id] = true;
  }

  constexpr Groups run() {
    const std::int32_t count = graph_.size();
    const bool grouped = graph_.passes.elementwise;
    for (std::int32_t id = count - 1; id >= 0; --id) {
      const Storage kind = kinds_[id];
      if (kind == Storage::view || kind == Storage::input) continue;
      if (kind != Storage::buffer || !grouped || !joins(id)) open(id);
    }
    for (std::int32_t id = 0; grouped && id < count; ++id) {
      if (ends_[id] == id && kinds_[id] == Storage::buffer && by_rows(id)) join_beside(id);
    }
    for (std::int32_t id = count - 1; graph_.passes.epilogue && id >= 0; --id) {
      if (nodes_[id].operation == &operation<ops::Matmul> && kinds_[id] == Storage::buffer)
        finish_product(id);
    }
    return std::move(groups_);
  }

 private:
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();

  /// Who takes a node: the first group to end among them, and the first of those outside it.
  struct UserGroups {
    std::int32_t group = never;
    std::int32_t outside = never;
    bool shared = false;  ///< there are some outside, be it the program's caller
  };

  constexpr std::int32_t end_of(std::int32_t id) const { return ends_[id]; }
  constexpr bool by_rows(std::int32_t end) const { return groups_.by_rows[end]; }
  constexpr KeptMembers& kept(std::int32_t end) { return groups_.kept[end]; }

  /// Calls visit(user, direct) for all that take a node's value; `direct` says whether a group could compute
  /// the node for the user. Views of it are followed.
  template <class Visit>
  constexpr void for_each_user(std::int32_t id, bool direct, const Visit& visit) const {
    for (const std::int32_t user : users_[id]) {
      if (kinds_[user] != Storage::view) {
        visit(user, direct);
      } else {
        const bool repeats = direct && repeats_numbers(nodes_[user], nodes_[id].type.shape);
        for_each_user(user, repeats, visit);
      }
    }
    if (!direct && is_output_[id]) visit(never, false);
  }

  constexpr UserGroups user_groups(std::int32_t id) const {
    UserGroups found;
    for_each_user(id, true, [&](std::int32_t user, bool direct) {
      if (direct && ends_[user] < found.group) found.group = ends_[user];
    });
    for_each_user(id, true, [&](std::int32_t user, bool direct) {
      if (direct && ends_[user] == found.group) return;
      found.shared = true;
      if (user < found.outside) found.outside = user;
    });
    found.shared = found.shared || is_output_[id];
    return found;
  }

  /// A group of its own.
  constexpr void open(std::int32_t id) {
    ends_[id] = id;
    const Node& node = nodes_[id];
    const bool folds = node.operation->row_work != RowWork::none;
    full_[id] = folds ? nodes_[node.operands[0]].type.shape : node.type.shape;
    groups_.by_rows[id] = folds && row_role(graph_, id, full_[id]) != RowRole::none;
  }

  /// Puts a node into the call of those that take it, if it can be computed there.
  constexpr bool joins(std::int32_t id) {
    const Node& node = nodes_[id];
    if (!is_grouped(node)) return false;
    const UserGroups found = user_groups(id);
    const std::int32_t end = found.group;
    if (end == never || !is_grouped(nodes_[end]) || kinds_[end] != Storage::buffer) return false;
    if (found.shared && found.outside < end) return false;
    if (!by_rows(end) && !nodes_[end].operation->is_elementwise) return false;
    Shape full = full_[end];
    if (node.operation->row_work != RowWork::none && node.type.shape == full && !by_rows(end) &&
        !(nodes_[node.operands[0]].type.shape == full)) {
      full = nodes_[node.operands[0]].type.shape;  // numbers of rows so far
    }
    const RowRole role = row_role(graph_, id, full);
    if (role == RowRole::columns || (role == RowRole::none && full.rank > 0 && full.last() > 1)) return false;
    if (role == RowRole::none && !(node.operation->is_elementwise && node.type.shape == full)) return false;
    const bool rows = by_rows(end) || (role != RowRole::none && role != RowRole::full);
    if (rows && !by_rows(end) && role == RowRole::narrow && !leads_to_rows(id, full, 4)) return false;
    return admit(id, end, full, rows, found.shared, role);
  }

  static constexpr bool is_grouped(const Node& node) {
    if (node.type.kind == Kind::index || node.operation == &operation<ops::Broadcast>) return false;
    return node.operation->is_elementwise || node.operation->row_work != RowWork::none;
  }

  /// Says whether a number a row is made of folded or reduced rows.
  constexpr bool leads_to_rows(std::int32_t id, const Shape& full, int depth) const {
    const Node& node = nodes_[id];
    const RowRole role = row_role(graph_, id, full);
    if (role == RowRole::fold || role == RowRole::reduction) return true;
    for (int i = 0; role == RowRole::narrow && depth > 0 && i < node.operand_count; ++i) {
      if (leads_to_rows(node.operands[i], full, depth - 1)) return true;
    }
    return false;
  }

  /// Makes a node a member of a group, kept if it is `shared`, if one call can do that.
  constexpr bool admit(std::int32_t id, std::int32_t end, const Shape& full, bool rows, bool shared,
                       RowRole role) {
    if (shared && (!rows || kept(end).count == max_extras)) return false;
    GroupContents contents(graph_, storage_, ends_);
    contents.collect(end, kept(end), id);
    if (!contents.fits()) return false;
    if (rows) {
      if (!contents.works_by_rows(full) || (!by_rows(end) && count_products(contents) > 0)) return false;
      const bool shrinks = role == RowRole::fold || role == RowRole::reduction;
      if (shrinks && !has_at_hand(id, end)) return false;
    }
    if (graph_.passes.in_place && graph_.passes.epilogue && sums_products(contents)) return false;
    ends_[id] = end;
    groups_.by_rows[end] = rows;
    full_[end] = full;
    if (shared) kept(end).ids[kept(end).count++] = id;
    return true;
  }

  /// How many of the products that a group reads it could finish.
  constexpr int count_products(const GroupContents& contents) const {
    int products = 0;
    for (int i = 0; i < contents.source_count; ++i) {
      const std::int32_t root = storage_.root(contents.sources[i]);
      products += nodes_[root].operation == &operation<ops::Matmul> && has_one_user(root) ? 1 : 0;
    }
    return products;
  }

  /// Says whether a group is a sum of several products: each is better added to those before.
  constexpr bool sums_products(const GroupContents& contents) const {
    for (int i = 0; i < contents.member_count; ++i) {
      if (nodes_[contents.members[i]].operation != &operation<ops::Add>) return false;
    }
    return count_products(contents) > 1;
  }

  constexpr bool has_one_user(std::int32_t id) const { return !is_output_[id] && users_[id].size() == 1; }

  /// Says whether a group reads or computes what a node folds, or could: a number a row is kept rather than
  /// the row.
  constexpr bool has_at_hand(std::int32_t id, std::int32_t end) {
    const std::int32_t operand = nodes_[id].operands[0];
    GroupContents contents(graph_, storage_, ends_);
    contents.collect(end, kept(end), -1);
    if (contents.reads(operand) || contents.computes(operand)) return true;
    bool alone = is_grouped(nodes_[operand]) && kinds_[operand] == Storage::buffer;
    for_each_user(operand, true, [&](std::int32_t user, bool direct) {
      alone = alone && direct && (user == id || expected_end(user) == end);
    });
    return alone && !is_output_[operand];
  }

  /// The end of a node's group, or of the group that it will join if it can: that of the first that takes it.
  constexpr std::int32_t expected_end(std::int32_t id) const {
    for (int hops = 0; hops < most_members && id != never && end_of(id) < 0; ++hops) {
      std::int32_t first = never;
      for_each_user(id, true, [&](std::int32_t user, bool direct) {
        if (direct && user < first) first = user;
      });
      id = first;
    }
    return id == never ? -1 : end_of(id);
  }

  /// Puts a number a row that stands alone beside what reads the same rows, and keeps it there.
  constexpr void join_beside(std::int32_t id) {
    const Node& node = nodes_[id];
    if (row_role(graph_, id, full_[id]) == RowRole::map || kept(id).count > 0) return;
    GroupContents own(graph_, storage_, ends_);
    own.collect(id, kept(id), -1);
    if (own.member_count != 1) return;
    std::int32_t first = never;
    for_each_user(id, false, [&](std::int32_t user, bool) { first = std::min(first, user); });
    for (const std::int32_t beside : users_[node.operands[0]]) {
      const std::int32_t end = end_of(beside);
      if (end < 0 || end == id || !by_rows(end) || first < end || kinds_[end] != Storage::buffer) continue;
      const RowRole role = row_role(graph_, id, full_[end]);
      if (role != RowRole::fold && role != RowRole::reduction) continue;
      if (admit(id, end, full_[end], true, true, role)) return;
    }
  }

  /// Ends a matrix product in the group that takes it, where nothing else does and its tiles can be finished.
  constexpr void finish_product(std::int32_t id) {
    std::int32_t at = id;
    while (has_one_user(at) && nodes_[users_[at].front()].operation == &operation<ops::Reshape>)
      at = users_[at].front();
    if (!has_one_user(at)) return;
    const std::int32_t end = end_of(users_[at].front());
    if (end < 0 || !nodes_[end].operation->is_elementwise || by_rows(end)) return;
    if (kinds_[end] != Storage::buffer || groups_.products[end] >= 0) return;
    if (!can_finish(nodes_[end].type, nodes_[id].type.shape)) return;
    GroupContents contents(graph_, storage_, ends_);
    contents.collect(end, kept(end), -1);
    if (!contents.fits() || contents.source_count + 2 > max_operands || !contents.has_row_strides()) return;
    ends_[id] = end;
    groups_.products[end] = id;
  }

  /// Says whether a group's result has the rows and columns of a product.
  static constexpr bool can_finish(const Type& last, const Shape& product) {
    return last.kind == Kind::real && last.shape.size() == product.size() && product.size() > 0 &&
           last.shape.rank > 0 && last.shape.last() == product.last();
  }

  const Graph& graph_;
  const Node* nodes_;
  const StorageMap& storage_;
  const Storage* kinds_;
  Users users_;
  Groups groups_;
  std::int32_t* ends_;
  PerNode<Shape> full_;  ///< of every end, the shape whose rows or elements its group works on
  PerNode<bool> is_output_;
};

}  // namespace ctgrad::passes
