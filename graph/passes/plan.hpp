#pragma once

#include <ctgrad/graph/passes/merge_kernels.hpp>
#include <ctgrad/graph/passes/placement.hpp>
#include <ctgrad/graph/passes/schedule.hpp>

/// From a graph to the table of steps that a program walks.
namespace ctgrad::passes {

/// Builds a plan for a scalar type of `scalar` bytes.
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
    order_steps();
    Placement placement(graph_, storage_, scalar_);
    placement.run(plan_);
    Step* steps = plan_.steps.data();
    const std::size_t count = plan_.steps.size();
    for (std::size_t i = 0; i < count; ++i) locate(steps[i], placement);
    add_scratch();
    KernelMerger(graph_, plan_).run();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(placement.location(id));
    find_checks();
    plan_.groups = std::move(groups_.ends);
    return std::move(plan_);
  }

 private:
  constexpr bool persistent(std::int32_t id) const {
    return kinds_[id] == Storage::constant || kinds_[id] == Storage::element;
  }

  /// Constants, then integers that are no output, then the rest, each as scheduled. Constants that nothing
  /// reads go.
  constexpr void order_steps() {
    for (const std::int32_t id : graph_.outputs) given_[roots_[id]] = true;
    std::vector<Step>& steps = plan_.steps;
    const List<std::int32_t> order = Scheduler(graph_, storage_, groups_).run();
    steps.reserve(order.size());
    add_steps(order, StepKind::constant);
    const std::size_t constants = steps.size();
    add_steps(order, StepKind::integer);
    plan_.early = static_cast<std::int32_t>(steps.size() - constants);
    add_steps(order, StepKind::other);
    remove_unread(constants);
  }

  enum class StepKind : std::uint8_t { constant, integer, other };

  constexpr void add_steps(const List<std::int32_t>& order, StepKind kind) {
    const std::int32_t* ids = order.data();
    const std::size_t count = order.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t id = ids[i];
      const bool integer = nodes_[id].type.kind == Kind::index && !given_[id];
      const StepKind found = persistent(id) ? StepKind::constant
                             : integer      ? StepKind::integer
                                            : StepKind::other;
      if (found == kind) make_step(plan_.steps.emplace_back(), id);
    }
  }

  /// Of the first steps, which are constants, keeps those that are read.
  constexpr void remove_unread(std::size_t constants) {
    PerNode<bool> marks(graph_.size());
    bool* read = marks.data();
    for (const std::int32_t id : graph_.outputs) read[roots_[id]] = true;
    Step* steps = plan_.steps.data();
    for (std::size_t i = plan_.steps.size(); i-- > 0;) {
      const Step& step = steps[i];
      if (i < constants && !read[step.node]) continue;
      for (int k = 0; k < step.source_count; ++k) read[step.roots[k]] = true;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < constants; ++i) {
      if (read[steps[i].node]) steps[kept++] = steps[i];
    }
    plan_.constants = static_cast<std::int32_t>(kept);
    plan_.steps.erase(plan_.steps.begin() + plan_.constants,
                      plan_.steps.begin() + static_cast<std::ptrdiff_t>(constants));
  }

  constexpr void make_step(Step& step, std::int32_t id) const {
    step.node = id;
    step.element = kinds_[id] == Storage::element;
    step.product = groups_.products[id];
    const KeptMembers& kept = groups_.kept[id];
    for (; step.extra_count < kept.count; ++step.extra_count)
      step.extras[step.extra_count] = kept.ids[step.extra_count];
    if (step.product >= 0) {
      for (int i = 0; i < 2; ++i) add_source(step, nodes_[step.product].operands[i]);
    }
    add_sources(step, id);
    for (int i = 0; i < step.extra_count; ++i) add_sources(step, step.extras[i]);
    step.by_rows = groups_.by_rows[id] && (step.extra_count > 0 || has_members(step));
  }

  /// Says whether a step computes more than its node.
  constexpr bool has_members(const Step& step) const {
    const Node& node = nodes_[step.node];
    for (int i = 0; i < node.operand_count; ++i) {
      bool source = false;
      for (int k = 0; k < step.source_count; ++k) source = source || step.sources[k] == node.operands[i];
      if (!source && nodes_[node.operands[i]].operation != &operation<ops::Constant>) return true;
    }
    return false;
  }

  /// What the members of a group read, each once; numbers are written into the code instead, where it goes
  /// element by element. An operation that stands alone is handed all that it takes.
  constexpr void add_sources(Step& step, std::int32_t id) const {
    const Node& node = nodes_[id];
    const std::int32_t* ends = groups_.ends.data();
    const bool grouped = node.operation->is_elementwise || node.operation->row_work != RowWork::none;
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      if (kinds_[operand] == Storage::view && nodes_[operand].operation == &operation<ops::Broadcast> &&
          ends[nodes_[operand].operands[0]] == step.node) {
        operand = nodes_[operand].operands[0];
      }
      if (ends[operand] == step.node && operand != step.product) {
        add_sources(step, operand);
        continue;
      }
      bool known = node.operation->is_elementwise && nodes_[operand].operation == &operation<ops::Constant>;
      known = known || (step.product >= 0 && roots_[operand] == step.product);
      for (int k = step.product >= 0 ? 2 : 0; grouped && k < step.source_count; ++k)
        known = known || step.sources[k] == operand;
      if (!known) add_source(step, operand);
    }
  }

  constexpr void add_source(Step& step, std::int32_t id) const {
    const std::int32_t root = roots_[id];
    step.sources[step.source_count] = id;
    step.roots[step.source_count] = root;
    step.single[step.source_count++] = kinds_[root] == Storage::element;
  }

  /// Room for the step that needs most.
  constexpr void add_scratch() {
    Size most = 0;
    for (const Step& step : plan_.steps) {
      const Node& node = nodes_[step.product >= 0 ? step.product : step.node];
      if (node.operation->scratch == nullptr) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      most = std::max(most, node.operation->scratch(operands, node.type, node.attributes));
    }
    const Size bytes = aligned(most * static_cast<Size>(sizeof(double)));
    plan_.scratch = aligned(plan_.arena_bytes);
    if (bytes > 0) plan_.arena_bytes = plan_.scratch + bytes;
    plan_.lower_bound += bytes;
  }

  constexpr void locate(Step& step, const Placement& placement) const {
    step.result = placement.location(step.node);
    for (int i = 0; i < step.extra_count; ++i) step.extra_results[i] = placement.location(step.extras[i]);
    for (int i = 0; i < step.source_count; ++i) step.operands[i] = placement.location(step.sources[i]);
  }

  /// In the order of steps. Ids that lie in the same place are known only as part of the same value: another
  /// may have lain there before.
  constexpr void find_checks() {
    const Step* steps = plan_.steps.data();
    const auto count = static_cast<std::int32_t>(plan_.steps.size());
    const std::int32_t late = plan_.constants + plan_.early;
    for (std::int32_t position = 0; position < count; ++position) {
      const Step& step = steps[position];
      const Node& node = nodes_[step.node];
      if (node.operation->ids_operand < 0) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      const int ids = node.operation->ids_operand;
      const IdCheck check{position < late ? position : late,
                          step.node,
                          node.operands[ids],
                          operands[ids].shape,
                          step.operands[ids],
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
  PerNode<bool> given_;  ///< of every node, whether an output lies in its memory
  Groups groups_;
  Plan plan_;
};

}  // namespace ctgrad::passes
