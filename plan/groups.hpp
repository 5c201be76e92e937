#pragma once

#include <ctgrad/graph/users.hpp>
#include <ctgrad/plan/group_contents.hpp>

#include <limits>

/// Which nodes one kernel call computes together: a group. Only what leaves a group is written to memory.
///
///     x [4, 6]  w [6, 8]   b [8], repeated as %5 [4, 8], a view
///        |         |         |
///     +--v---------v---------|-----------------------------------------------+
///     |  %3 = matmul x w     |     the product that the group finishes       |
///     |        |             |                                               |
///     |  %6 = add %3 %5 <----+     a member                                  |
///     |        |                                                             |
///     |  %7 = relu %6              the end, which names the group            |
///     +--------|-------------------------------------------------------------+
///              v
///          %7 [4, 8] is written; %3 and %6 exist in registers alone
namespace ctgrad::plan {

/// The groups of a graph's nodes. A group is named by its end: the node whose value is the call's result.
struct Groups {
  PerNode<std::int32_t> ends;      ///< for every node its group's end; -1 for inputs and views
  PerNode<std::int32_t> products;  ///< for every end the matrix product that its group finishes; -1 for none
  PerNode<bool> by_rows;           ///< for every end whether its group's kernel works row by row
  PerNode<KeptMembers> kept;       ///< for every end the members whose values the call writes besides
};

/// Finds the groups of a graph in three walks over its nodes:
///
/// 1. From the last node to the first, a node joins the group of its users if they are all in one group. It
///    opens a group of its own otherwise. A group works element by element, all members having one shape, or
///    row by row: then members may also fold rows, map rows and repeat one number along a row.
/// 2. A group of one node that folds rows to numbers joins a group that reads the same rows (join_beside).
/// 3. A matrix product joins the group of its only user, which works element by element (finish_product).
///
/// A group by rows may keep a member that other groups read, too: the call then writes it besides its result.
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
      if (nodes_[id].operation->has_epilogue && kinds_[id] == Storage::buffer) finish_product(id);
    }
    return std::move(groups_);
  }

 private:
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();

  /// Where the users of a node are, told apart by the one group that the node could join.
  struct UserGroups {
    std::int32_t group = never;    ///< the first group, by its end, that could compute the node by itself
    std::int32_t outside = never;  ///< the first user in another group
    bool shared = false;           ///< whether another group or the program's caller uses the node
  };

  constexpr std::int32_t end_of(std::int32_t id) const { return ends_[id]; }
  constexpr bool by_rows(std::int32_t end) const { return groups_.by_rows[end]; }
  constexpr KeptMembers& kept(std::int32_t end) { return groups_.kept[end]; }

  /// Calls visit(user, direct) for every node that uses a node's value, straight or through views. `direct`
  /// says that the user's group could compute the value by itself: it is used straight, or one number is
  /// repeated along its row. Where a view is an output, the user is `never`, behind all nodes.
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

  /// Makes a node the end of a new group. A node that folds or maps rows sets the rows of the group.
  constexpr void open(std::int32_t id) {
    ends_[id] = id;
    const Node& node = nodes_[id];
    const bool folds = node.operation->row_work != RowWork::none;
    full_[id] = folds ? nodes_[node.operands[0]].type.shape : node.type.shape;
    groups_.by_rows[id] = folds && row_role(graph_, id, full_[id]) != RowRole::none;
  }

  /// Makes a node a member of its users' group, and says whether that group can have it.
  constexpr bool joins(std::int32_t id) {
    const Node& node = nodes_[id];
    if (!is_grouped(node)) return false;
    const UserGroups found = user_groups(id);
    const std::int32_t end = found.group;
    if (end == never || !is_grouped(nodes_[end]) || kinds_[end] != Storage::buffer) return false;
    if (found.shared && found.outside < end) return false;  // the value is needed before the group runs
    if (!by_rows(end) && !nodes_[end].operation->is_elementwise) return false;
    Shape full = full_[end];
    if (node.operation->row_work != RowWork::none && node.type.shape == full && !by_rows(end) &&
        !(nodes_[node.operands[0]].type.shape == full)) {
      full = nodes_[node.operands[0]].type.shape;  // the group's elements are numbers of these rows
    }
    const RowRole role = row_role(graph_, id, full);
    if (role == RowRole::columns || (role == RowRole::none && full.rank > 0 && full.last() > 1)) return false;
    if (role == RowRole::none && !(node.operation->is_elementwise && node.type.shape == full)) return false;
    const bool rows = by_rows(end) || (role != RowRole::none && role != RowRole::full);
    if (rows && !by_rows(end) && role == RowRole::narrow && !leads_to_rows(id, full, 4)) return false;
    return admit(id, end, full, rows, found.shared, role);
  }

  static constexpr bool is_grouped(const Node& node) {
    if (node.type.kind == Kind::index || node.operation->repeats) return false;
    return node.operation->is_elementwise || node.operation->row_work != RowWork::none;
  }

  /// Says whether a node, which has one number per row of `full`, is computed from folds or reductions of
  /// such rows that lie at most `depth` operands away.
  constexpr bool leads_to_rows(std::int32_t id, const Shape& full, int depth) const {
    const Node& node = nodes_[id];
    const RowRole role = row_role(graph_, id, full);
    if (role == RowRole::fold || role == RowRole::reduction) return true;
    for (int i = 0; role == RowRole::narrow && depth > 0 && i < node.operand_count; ++i) {
      if (leads_to_rows(node.operands[i], full, depth - 1)) return true;
    }
    return false;
  }

  /// Makes a node a member of the group of `end` if one kernel call can still compute the group, and says
  /// whether it can. A `shared` node is kept: the call writes it for users outside the group.
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

  /// How many matrix products the group could finish: those that it alone reads.
  constexpr int count_products(const GroupContents& contents) const {
    int products = 0;
    for (int i = 0; i < contents.source_count; ++i) {
      const std::int32_t root = storage_.root(contents.sources[i]);
      products += nodes_[root].operation->has_epilogue && has_one_user(root) ? 1 : 0;
    }
    return products;
  }

  /// Says whether a group does nothing but add several products. It must not become one: a call per product,
  /// which adds to the sum in place, saves the memory of the products.
  constexpr bool sums_products(const GroupContents& contents) const {
    for (int i = 0; i < contents.member_count; ++i) {
      if (!nodes_[contents.members[i]].operation->adds) return false;
    }
    return count_products(contents) > 1;
  }

  constexpr bool has_one_user(std::int32_t id) const { return !is_output_[id] && users_[id].size() == 1; }

  /// Says whether the group of `end` has the rows at hand that a node folds: it reads them, computes them, or
  /// will compute them as their only user. One number per row then leaves the call instead of whole rows.
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

  /// The end of a node's group. While a node has none, it is that of the group that the node would join,
  /// which is the group of its first user.
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

  /// Moves a fold of rows that is alone in its group into another group that reads these rows, so that they
  /// are read once. That group keeps the fold's numbers.
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

  /// Lets the group of a matrix product's only user finish the product: every tile passes through the group's
  /// members before it is written. Reshapes that keep the last axis may lie between.
  constexpr void finish_product(std::int32_t id) {
    std::int32_t at = id;
    while (has_one_user(at) && is_reshape(nodes_[users_[at].front()])) at = users_[at].front();
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

  /// Says whether a node is its operand's memory under another shape, and may be read at once.
  static constexpr bool is_reshape(const Node& node) {
    return node.operation->is_view && !node.operation->is_late;
  }

  /// Says whether a group's result has the rows and columns of a product, leading axes taken together.
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
  PerNode<Shape> full_;  ///< for every end the shape [rows..., width] whose elements its group works through
  PerNode<bool> is_output_;
};

}  // namespace ctgrad::plan
