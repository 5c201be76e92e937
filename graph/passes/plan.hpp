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
        roots_(storage_.roots.data()) {}

  constexpr Plan build() {
    groups_ = Grouper(graph_, storage_).run();
    order_steps();
    Placement placement(graph_, storage_, scalar_);
    placement.run(plan_);
    for (Step& step : plan_.steps) locate(step, placement);
    KernelMerger(graph_, plan_).run();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(placement.location(id));
    find_checks();
    plan_.groups = std::move(groups_.ends);
    return std::move(plan_);
  }

 private:
  constexpr std::int32_t end_of(std::int32_t id) const { return groups_.ends[id]; }

  constexpr bool persistent(std::int32_t id) const {
    return kinds_[id] == Storage::constant || kinds_[id] == Storage::element;
  }

  /// Constants, then integers, then the rest, each as scheduled. Constants that nothing reads go.
  constexpr void order_steps() {
    std::vector<Step> constants;
    std::vector<Step> integers;
    std::vector<Step> others;
    others.reserve(graph_.nodes().size());
    for (const std::int32_t id : Scheduler(graph_, storage_, groups_).run()) {
      std::vector<Step>& kind = persistent(id)                        ? constants
                                : nodes_[id].type.kind == Kind::index ? integers
                                                                      : others;
      kind.push_back(make_step(id));
    }
    std::vector<char> read(graph_.nodes().size(), 0);
    for (const std::int32_t id : graph_.outputs) read.data()[roots_[id]] = 1;
    const auto mark = [&](const Step& step) {
      for (int i = 0; i < step.source_count; ++i) read.data()[step.roots[i]] = 1;
    };
    for (const Step& step : integers) mark(step);
    for (const Step& step : others) mark(step);
    for (std::size_t i = constants.size(); i-- > 0;) {
      if (read.data()[constants.data()[i].node] != 0) mark(constants.data()[i]);
    }
    plan_.steps.reserve(constants.size() + integers.size() + others.size());
    for (const Step& step : constants) {
      if (read.data()[step.node] != 0) plan_.steps.push_back(step);
    }
    plan_.constants = static_cast<std::int32_t>(plan_.steps.size());
    plan_.early = static_cast<std::int32_t>(integers.size());
    plan_.steps.insert(plan_.steps.end(), integers.begin(), integers.end());
    plan_.steps.insert(plan_.steps.end(), others.begin(), others.end());
  }

  constexpr Step make_step(std::int32_t id) const {
    Step step;
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
    return step;
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
    const bool grouped = node.operation->is_elementwise || node.operation->row_work != RowWork::none;
    for (int i = 0; i < node.operand_count; ++i) {
      std::int32_t operand = node.operands[i];
      if (kinds_[operand] == Storage::view && nodes_[operand].operation == &operation<ops::Broadcast> &&
          end_of(nodes_[operand].operands[0]) == step.node) {
        operand = nodes_[operand].operands[0];
      }
      if (end_of(operand) == step.node && operand != step.product) {
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

  constexpr void locate(Step& step, const Placement& placement) const {
    step.result = placement.location(step.node);
    for (int i = 0; i < step.extra_count; ++i) step.extra_results[i] = placement.location(step.extras[i]);
    for (int i = 0; i < step.source_count; ++i) step.operands[i] = placement.location(step.sources[i]);
  }

  constexpr void find_checks() {
    for (const Step& step : plan_.steps) {
      const Node& node = nodes_[step.node];
      if (node.operation->ids_operand < 0) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      const int ids = node.operation->ids_operand;
      const IdCheck check{step.node, node.operands[ids], operands[ids].shape, step.operands[ids],
                          node.operation->id_limit(operands, node.type, node.attributes)};
      bool known = false;
      for (const IdCheck& other : plan_.checks) {
        known = known || (other.ids.region == check.ids.region && other.ids.offset == check.ids.offset &&
                          other.limit <= check.limit);
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
  Groups groups_;
  Plan plan_;
};

}  // namespace ctgrad::passes
