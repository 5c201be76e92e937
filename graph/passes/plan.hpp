#pragma once

#include <ctgrad/graph/passes/groups.hpp>
#include <ctgrad/graph/passes/memory.hpp>
#include <ctgrad/graph/passes/merge_kernels.hpp>
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
        locations_(graph.nodes().size()) {}

  constexpr Plan build() {
    products_ = Grouper(graph_, storage_).run(plan_);
    order_steps();
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      locations_.data()[graph_.inputs[i]] = {static_cast<std::int32_t>(i) + 1, 0};
    }
    place_buffers();
    for (Step& step : plan_.steps) locate(step);
    KernelMerger(graph_, plan_).run();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(location(id));
    find_checks();
    return std::move(plan_);
  }

 private:
  /// Says whether a value is the product that a step finishes, maybe under another shape.
  constexpr bool is_product(const Step& step, std::int32_t id) const {
    return step.product >= 0 && roots_[id] == step.product;
  }

  constexpr bool persistent(std::int32_t id) const {
    return kinds_[id] == Storage::constant || kinds_[id] == Storage::element;
  }

  constexpr Size element_bytes(std::int32_t id) const {
    const Kind kind = nodes_[id].type.kind;
    return kind == Kind::real ? scalar_ : kind == Kind::index ? 4 : 1;
  }
  constexpr Size bytes(std::int32_t id) const {
    return element_bytes(id) * (kinds_[id] == Storage::element ? 1 : nodes_[id].type.shape.size());
  }

  /// Where a node's first element lies, once its root has been placed.
  constexpr Location location(std::int32_t id) const {
    Location where = locations_.data()[roots_[id]];
    where.offset += element_bytes(id) * storage_.offsets.data()[id];
    return where;
  }

  /// Constants, then integers, then the rest, each as scheduled. Constants that nothing reads go.
  constexpr void order_steps() {
    std::vector<Step> constants;
    std::vector<Step> integers;
    std::vector<Step> others;
    others.reserve(graph_.nodes().size());
    for (const std::int32_t id : Scheduler(graph_).run()) {
      if (plan_.groups.data()[id] != id) continue;
      std::vector<Step>& kind = persistent(id)                        ? constants
                                : nodes_[id].type.kind == Kind::index ? integers
                                                                      : others;
      kind.push_back(make_step(id));
    }
    PerNode<bool> read(graph_.size());
    for (const std::int32_t id : graph_.outputs) read[roots_[id]] = true;
    const auto mark = [&](const Step& step) {
      for (int i = 0; i < step.source_count; ++i) read[roots_[step.sources[i]]] = true;
    };
    for (const Step& step : integers) mark(step);
    for (const Step& step : others) mark(step);
    for (std::size_t i = constants.size(); i-- > 0;) {
      if (read[constants.data()[i].node]) mark(constants.data()[i]);
    }
    plan_.steps.reserve(constants.size() + integers.size() + others.size());
    for (const Step& step : constants) {
      if (read[step.node]) plan_.steps.push_back(step);
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
    step.product = products_.data()[id];
    const Node& node = nodes_[step.product >= 0 ? step.product : id];
    if (step.product >= 0 || !node.operation->is_elementwise) {
      for (int i = 0; i < node.operand_count; ++i) step.sources[step.source_count++] = node.operands[i];
    }
    if (nodes_[id].operation->is_elementwise) add_sources(step, id);
    return step;
  }

  /// What the members of a group read, each once; numbers are written into the code instead.
  constexpr void add_sources(Step& step, std::int32_t id) const {
    const Node& node = nodes_[id];
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = node.operands[i];
      if (plan_.groups.data()[operand] == step.node && operand != step.product) {
        add_sources(step, operand);
        continue;
      }
      bool known = nodes_[operand].operation == &operation<ops::Constant> || is_product(step, operand);
      for (int k = step.product >= 0 ? 2 : 0; k < step.source_count; ++k)
        known = known || step.sources[k] == operand;
      if (!known) step.sources[step.source_count++] = operand;
    }
  }

  /// Outputs first, one behind the other in their order, then constants, then what may share memory.
  constexpr void place_buffers() {
    PerNode<bool> placed(graph_.size());
    Location* locations = locations_.data();
    Size end = 0;
    const auto append = [&](std::int32_t id) {
      locations[id] = {0, end};
      end += aligned(bytes(id));
      placed[id] = true;
    };
    for (const std::int32_t id : graph_.outputs) append(roots_[id]);
    plan_.output_bytes = end;
    for (std::int32_t i = 0; i < plan_.constants; ++i) {
      const std::int32_t id = plan_.steps.data()[i].node;
      if (!placed[id]) append(id);
    }
    std::vector<std::int32_t> owner;
    std::vector<Buffer> buffers = lives(placed, owner);
    plan_.lower_bound = end + lower_bound(buffers);
    plan_.arena_bytes = place(buffers, end);
    for (std::size_t i = 0; i < buffers.size(); ++i) locations[owner[i]] = {0, buffers[i].offset};
  }

  /// The buffers of the nodes that are not yet placed; `owner` says whose each is.
  constexpr std::vector<Buffer> lives(const PerNode<bool>& placed, std::vector<std::int32_t>& owner) const {
    std::vector<std::int32_t> buffer_of(graph_.nodes().size(), -1);
    std::vector<Buffer> buffers;
    for (std::int32_t now = 0; now < static_cast<std::int32_t>(plan_.steps.size()); ++now) {
      const Step& step = plan_.steps.data()[now];
      const std::int32_t id = step.node;
      for (int i = 0; i < step.source_count; ++i) {
        const std::int32_t buffer = buffer_of.data()[roots_[step.sources[i]]];
        if (buffer >= 0) buffers.data()[buffer].last = now;
      }
      if (placed[id]) continue;
      buffer_of.data()[id] = static_cast<std::int32_t>(buffers.size());
      buffers.push_back({bytes(id), now, now, 0});
      owner.push_back(id);
    }
    return buffers;
  }

  constexpr void locate(Step& step) const {
    step.result = location(step.node);
    for (int i = 0; i < step.source_count; ++i) {
      const std::int32_t source = step.sources[i];
      step.operands[i] = location(source);
      if (kinds_[source] == Storage::element) {
        step.readings[i] = Reading::element;
      } else if (kinds_[source] == Storage::view && is_broadcast(nodes_[source])) {
        step.readings[i] = Reading::broadcast;
      }
    }
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
  std::vector<Location> locations_;
  std::vector<std::int32_t> products_;
  Plan plan_;
};

}  // namespace ctgrad::passes
