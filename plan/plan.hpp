#pragma once

#include <ctgrad/plan/group_order.hpp>
#include <ctgrad/plan/merge_kernels.hpp>
#include <ctgrad/plan/placement.hpp>

/// From a graph to the plan that a program follows.
///
///     graph -> storage_of -> Grouper -> GroupOrderer -> Placement -> KernelMerger -> Plan
///              views and     nodes of   calls in        locations    equal calls
///              memory        one call   their order     in memory    share a kernel
///
/// In mixed precision, Bf16Finder finds what is stored as bf16 before values get their locations.
namespace ctgrad::plan {

/// Builds the plan of a graph for a scalar type of `scalar` bytes.
class Planner {
 public:
  constexpr Planner(const Graph& graph, Size scalar)
      : graph_(graph),
        nodes_(graph.nodes().data()),
        scalar_(scalar),
        storage_(storage_of(graph)),
        kinds_(storage_.kinds.data()),
        roots_(storage_.roots.data()),
        given_(graph.size()) {}

  constexpr Plan build() {
    groups_ = Grouper(graph_, storage_).run();
    order_calls();
    PerNode<Size> bf16_counts;
    if (is_mixed()) bf16_counts = Bf16Finder(graph_, storage_, plan_).run();
    Placement placement(graph_, storage_, scalar_, bf16_counts.data());
    placement.run(plan_);
    KernelCall* calls = plan_.calls.data();
    const std::size_t count = plan_.calls.size();
    for (std::size_t i = 0; i < count; ++i) locate(calls[i], placement);
    add_scratch();
    KernelMerger(graph_, plan_).run();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(placement.location(id));
    find_checks();
    plan_.groups = std::move(groups_.ends);
    return std::move(plan_);
  }

 private:
  constexpr bool is_mixed() const { return graph_.passes.precision == Precision::mixed; }

  /// Says whether a node is computed once, with the program, rather than in every run.
  constexpr bool persistent(std::int32_t id) const {
    return kinds_[id] == Storage::constant || kinds_[id] == Storage::splat;
  }

  /// Makes a call of every group: constants first, then integers that are no output, then all others, each in
  /// the order that GroupOrderer finds. Constants that no call reads are left out.
  constexpr void order_calls() {
    for (const std::int32_t id : graph_.outputs) given_[roots_[id]] = true;
    std::vector<KernelCall>& calls = plan_.calls;
    const List<std::int32_t> order = GroupOrderer(graph_, storage_, groups_).run();
    calls.reserve(order.size());
    add_calls(order, CallKind::constant);
    const std::size_t constants = calls.size();
    add_calls(order, CallKind::integer);
    plan_.early = static_cast<std::int32_t>(calls.size() - constants);
    add_calls(order, CallKind::other);
    remove_unread(constants);
  }

  enum class CallKind : std::uint8_t { constant, integer, other };

  constexpr void add_calls(const List<std::int32_t>& order, CallKind kind) {
    const std::int32_t* ids = order.data();
    const std::size_t count = order.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t id = ids[i];
      const bool integer = nodes_[id].type.kind == Kind::index && !given_[id];
      const CallKind found = persistent(id) ? CallKind::constant
                             : integer      ? CallKind::integer
                                            : CallKind::other;
      if (found == kind) make_call(plan_.calls.emplace_back(), id);
    }
  }

  /// Removes those of the first `constants` calls whose results neither a call nor an output reads.
  constexpr void remove_unread(std::size_t constants) {
    PerNode<bool> marks(graph_.size());
    bool* read = marks.data();
    for (const std::int32_t id : graph_.outputs) read[roots_[id]] = true;
    KernelCall* calls = plan_.calls.data();
    for (std::size_t i = plan_.calls.size(); i-- > 0;) {
      const KernelCall& call = calls[i];
      if (i < constants && !read[call.node]) continue;
      for (int k = 0; k < call.source_count; ++k) read[call.roots[k]] = true;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < constants; ++i) {
      if (read[calls[i].node]) calls[kept++] = calls[i];
    }
    plan_.constants = static_cast<std::int32_t>(kept);
    plan_.calls.erase(plan_.calls.begin() + plan_.constants,
                      plan_.calls.begin() + static_cast<std::ptrdiff_t>(constants));
  }

  /// Fills in what a call computes and reads, from the group of `id`.
  constexpr void make_call(KernelCall& call, std::int32_t id) const {
    call.node = id;
    call.splat = kinds_[id] == Storage::splat;
    call.product = groups_.products[id];
    const KeptMembers& kept = groups_.kept[id];
    for (; call.extra_count < kept.count; ++call.extra_count)
      call.extras[call.extra_count] = kept.ids[call.extra_count];
    if (call.product >= 0) {
      for (int i = 0; i < 2; ++i) add_source(call, nodes_[call.product].operands[i]);
    }
    add_sources(call, id);
    for (int i = 0; i < call.extra_count; ++i) add_sources(call, call.extras[i]);
    call.by_rows = groups_.by_rows[id] && (call.extra_count > 0 || has_members(call) || is_mixed());
  }

  /// Says whether a call computes more nodes than its group's end.
  constexpr bool has_members(const KernelCall& call) const {
    const Node& node = nodes_[call.node];
    for (int i = 0; i < node.operand_count; ++i) {
      bool source = false;
      for (int k = 0; k < call.source_count; ++k) source = source || call.sources[k] == node.operands[i];
      if (!source && !nodes_[node.operands[i]].operation->is_splat) return true;
    }
    return false;
  }

  /// Adds what a member and the members behind it read. In a group each source is added once, and numbers are
  /// written into the kernel's code instead. The kernel of an operation that is never grouped finds all of
  /// its operands among the sources, in their order.
  constexpr void add_sources(KernelCall& call, std::int32_t id) const {
    const Node& node = nodes_[id];
    const std::int32_t* ends = groups_.ends.data();
    const bool grouped = node.operation->is_elementwise || node.operation->row_work != RowWork::none;
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      if (kinds_[operand] == Storage::view && nodes_[operand].operation->repeats &&
          ends[nodes_[operand].operands[0]] == call.node) {
        operand = nodes_[operand].operands[0];
      }
      if (ends[operand] == call.node && operand != call.product) {
        add_sources(call, operand);
        continue;
      }
      bool known = node.operation->is_elementwise && nodes_[operand].operation->is_splat;
      known = known || (call.product >= 0 && roots_[operand] == call.product);
      for (int k = call.product >= 0 ? 2 : 0; grouped && k < call.source_count; ++k)
        known = known || call.sources[k] == operand;
      if (!known) add_source(call, operand);
    }
  }

  constexpr void add_source(KernelCall& call, std::int32_t id) const {
    const std::int32_t root = roots_[id];
    call.sources[call.source_count] = id;
    call.roots[call.source_count] = root;
    call.splats[call.source_count++] = kinds_[root] == Storage::splat;
  }

  /// Puts scratch memory behind the buffers: as much as the call needs that needs most.
  constexpr void add_scratch() {
    Size most = 0;
    for (const KernelCall& call : plan_.calls) {
      const Node& node = nodes_[call.product >= 0 ? call.product : call.node];
      const bool converts = call.bf16 != 0 && !call.by_rows && node.operation->bf16_scratch != nullptr;
      const auto scratch = converts ? node.operation->bf16_scratch : node.operation->scratch;
      if (scratch == nullptr) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      most = std::max(most, scratch(operands, node.type, node.attributes));
    }
    const Size bytes = aligned(most * static_cast<Size>(sizeof(double)));
    plan_.scratch = aligned(plan_.arena_bytes);
    if (bytes > 0) plan_.arena_bytes = plan_.scratch + bytes;
    plan_.lower_bound += bytes;
  }

  /// Fills in where a call reads and writes.
  constexpr void locate(KernelCall& call, const Placement& placement) const {
    call.result = placement.location(call.node);
    for (int i = 0; i < call.extra_count; ++i) call.extra_results[i] = placement.location(call.extras[i]);
    for (int i = 0; i < call.source_count; ++i) call.operands[i] = placement.location(call.sources[i]);
  }

  /// Adds the checks of ids, in the order of the calls that need them. Ids need no second check if they are
  /// part of a value that is checked, at its location, against no higher limit. An equal location alone does
  /// not tell: another value may have lain there before.
  constexpr void find_checks() {
    const KernelCall* calls = plan_.calls.data();
    const auto count = static_cast<std::int32_t>(plan_.calls.size());
    const std::int32_t late = plan_.constants + plan_.early;
    for (std::int32_t position = 0; position < count; ++position) {
      const KernelCall& call = calls[position];
      const Node& node = nodes_[call.node];
      if (node.operation->ids_operand < 0) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      const int ids = node.operation->ids_operand;
      const IdCheck check{position < late ? position : late,
                          call.node,
                          node.operands[ids],
                          operands[ids].shape,
                          call.operands[ids],
                          node.operation->id_limit(operands, node.type, node.attributes)};
      bool known = false;
      for (const IdCheck& other : plan_.checks) {
        known = known || (roots_[other.array] == roots_[check.array] &&
                          other.ids.offset == check.ids.offset && other.limit <= check.limit);
      }
      if (!known) plan_.checks.push_back(check);
    }
  }

  const Graph& graph_;
  const Node* nodes_;
  Size scalar_;
  StorageMap storage_;
  const Storage* kinds_;
  const std::int32_t* roots_;
  PerNode<bool> given_;  ///< for every node whether an output lies in its memory
  Groups groups_;
  Plan plan_;
};

/// A part of the planner's work, which `explain` shows by its name, and the flag that leaves it out.
struct PlanPass {
  std::string_view name;
  bool Optimize::*choice;
};

inline constexpr PlanPass plan_passes[] = {
    {"groups by elements and rows", &Optimize::elementwise},
    {"epilogues", &Optimize::epilogue},
    {"results in place", &Optimize::in_place},
};

}  // namespace ctgrad::plan
