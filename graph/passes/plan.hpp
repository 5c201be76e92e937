#pragma once

#include <ctgrad/graph/passes/memory.hpp>
#include <ctgrad/graph/passes/schedule.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// From a graph to the table of steps that a program walks.
namespace ctgrad::passes {

/// Where values lie: in the arena (region 0) or in input `region - 1`, so many bytes from its begin.
struct Location {
  std::int32_t region = 0;
  Size offset = 0;
};

/// How a kernel reads an operand.
enum class Reading : std::uint8_t {
  dense,      ///< row by row
  broadcast,  ///< the operand of a broadcast that is not carried out, repeated by strides of 0
  element,    ///< one element for all
};

/// One kernel call.
struct Step {
  std::int32_t node = 0;
  std::int32_t kernel = 0;  ///< the first step with an equal kernel
  bool element = false;     ///< only one element is written: a constant that is read through strides
  Location result;
  Location operands[max_operands];
  Reading readings[max_operands] = {};
};

/// Ids to look at before a run: they must lie in [0, limit).
struct IdCheck {
  std::int32_t node = 0;
  Location ids;
  Size limit = 0;
};

/// Steps in the order they run. The first `constants` run once, the next `early` compute integers, then the
/// ids are checked, then the others run.
struct Plan {
  std::vector<Step> steps;
  std::vector<IdCheck> checks;
  std::vector<Location> outputs;
  std::int32_t constants = 0;
  std::int32_t early = 0;
  Size output_bytes = 0;
  Size arena_bytes = 0;
  Size lower_bound = 0;  ///< the least that any placement of the same buffers needs
};

/// How an operand of a step is read along the result's axes: its steps in elements, 0 where it repeats.
template <class G>
constexpr Shape operand_strides(const G& graph, const Step& step, int i) {
  const Node& node = graph[step.node];
  if (step.readings[i] == Reading::element) return Shape{{}, node.type.shape.rank};
  std::int32_t operand = node.operands[i];
  if (step.readings[i] == Reading::broadcast) operand = graph[operand].operands[0];
  const Shape& shape = graph[operand].type.shape;
  Shape strides = row_major_strides(shape);
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) strides[axis] = 0;
  }
  return strides;
}

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
    order_steps();
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      locations_.data()[graph_.inputs[i]] = {static_cast<std::int32_t>(i) + 1, 0};
    }
    place_buffers();
    plan_.steps.reserve(order_.size());
    for (const std::int32_t id : order_) add_step(id);
    merge_kernels();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(location(id));
    find_checks();
    return std::move(plan_);
  }

 private:
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

  /// Constants, then integers, then the rest, each as scheduled.
  constexpr void order_steps() {
    std::vector<std::int32_t> integers;
    std::vector<std::int32_t> others;
    for (const std::int32_t id : Scheduler(graph_).run()) {
      if (kinds_[id] == Storage::input || kinds_[id] == Storage::view) continue;
      (persistent(id) ? order_ : nodes_[id].type.kind == Kind::index ? integers : others).push_back(id);
    }
    plan_.constants = static_cast<std::int32_t>(order_.size());
    plan_.early = static_cast<std::int32_t>(integers.size());
    order_.insert(order_.end(), integers.begin(), integers.end());
    order_.insert(order_.end(), others.begin(), others.end());
  }

  /// Outputs first, one behind the other in their order, then constants, then what may share memory.
  constexpr void place_buffers() {
    std::vector<char> placed(graph_.nodes().size(), 0);
    Location* locations = locations_.data();
    Size end = 0;
    const auto append = [&](std::int32_t id) {
      locations[id] = {0, end};
      end += aligned(bytes(id));
      placed.data()[id] = 1;
    };
    for (const std::int32_t id : graph_.outputs) append(roots_[id]);
    plan_.output_bytes = end;
    for (std::int32_t i = 0; i < plan_.constants; ++i) {
      if (placed.data()[order_.data()[i]] == 0) append(order_.data()[i]);
    }
    std::vector<std::int32_t> owner;
    std::vector<Buffer> buffers = lives(placed, owner);
    plan_.lower_bound = end + lower_bound(buffers);
    plan_.arena_bytes = place(buffers, end);
    for (std::size_t i = 0; i < buffers.size(); ++i) locations[owner[i]] = {0, buffers[i].offset};
  }

  /// The buffers of the nodes that are not yet placed; `owner` says whose each is.
  constexpr std::vector<Buffer> lives(const std::vector<char>& placed,
                                      std::vector<std::int32_t>& owner) const {
    std::vector<std::int32_t> buffer_of(graph_.nodes().size(), -1);
    std::vector<Buffer> buffers;
    for (std::int32_t now = 0; now < static_cast<std::int32_t>(order_.size()); ++now) {
      const std::int32_t id = order_.data()[now];
      const Node& node = nodes_[id];
      for (int i = 0; i < node.operand_count; ++i) {
        const std::int32_t buffer = buffer_of.data()[roots_[node.operands[i]]];
        if (buffer >= 0) buffers.data()[buffer].last = now;
      }
      if (placed.data()[id] != 0) continue;
      buffer_of.data()[id] = static_cast<std::int32_t>(buffers.size());
      buffers.push_back({bytes(id), now, now, 0});
      owner.push_back(id);
    }
    return buffers;
  }

  constexpr void add_step(std::int32_t id) {
    const Node& node = nodes_[id];
    plan_.steps.emplace_back();
    Step& step = plan_.steps.back();
    step.node = id;
    step.element = kinds_[id] == Storage::element;
    step.result = locations_.data()[id];
    for (int i = 0; i < node.operand_count; ++i) {
      const std::int32_t operand = node.operands[i];
      step.operands[i] = location(operand);
      if (kinds_[operand] == Storage::element) {
        step.readings[i] = Reading::element;
      } else if (kinds_[operand] == Storage::view &&
                 nodes_[operand].operation == &operation<ops::Broadcast>) {
        step.readings[i] = Reading::broadcast;
      }
    }
  }

  constexpr const Type& source_type(const Step& step, int i) const {
    const std::int32_t operand = nodes_[step.node].operands[i];
    return nodes_[step.readings[i] == Reading::broadcast ? nodes_[operand].operands[0] : operand].type;
  }

  constexpr bool equal_kernels(const Step& a, const Step& b) const {
    const Node& x = nodes_[a.node];
    const Node& y = nodes_[b.node];
    if (x.operation != y.operation || !(x.type == y.type) || !(x.attributes == y.attributes)) return false;
    if (a.element != b.element) return false;
    for (int i = 0; i < x.operand_count; ++i) {
      if (a.readings[i] != b.readings[i] || !(source_type(a, i) == source_type(b, i))) return false;
    }
    return true;
  }

  constexpr std::uint64_t kernel_hash(const Step& step) const {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15u;
    const Node& node = nodes_[step.node];
    std::uint64_t h = node.operation->hash;
    for (int i = 0; i < node.operand_count; ++i) {
      const Shape& shape = source_type(step, i).shape;
      for (int axis = 0; axis < shape.rank; ++axis)
        h = (h ^ static_cast<std::uint64_t>(shape.extents[axis])) * odd;
      h = (h ^ (h >> 29) ^ static_cast<std::uint64_t>(node.attributes.integers[i])) * odd;
    }
    return h ^ (h >> 32);
  }

  /// 12 equal layers need the kernels of one.
  constexpr void merge_kernels() {
    std::size_t size = 64;
    while (size < 2 * plan_.steps.size()) size *= 2;
    std::vector<std::int32_t> slots(size, -1);
    const Step* steps = plan_.steps.data();
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(plan_.steps.size()); ++i) {
      std::size_t slot = static_cast<std::size_t>(kernel_hash(steps[i])) & (size - 1);
      while (slots.data()[slot] >= 0 && !equal_kernels(steps[slots.data()[slot]], steps[i]))
        slot = (slot + 1) & (size - 1);
      if (slots.data()[slot] < 0) slots.data()[slot] = i;
      plan_.steps.data()[i].kernel = slots.data()[slot];
    }
  }

  constexpr void find_checks() {
    for (const Step& step : plan_.steps) {
      const Node& node = nodes_[step.node];
      if (node.operation->ids_operand < 0) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = nodes_[node.operands[i]].type;
      const IdCheck check{step.node, step.operands[node.operation->ids_operand],
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
  std::vector<std::int32_t> order_;
  Plan plan_;
};

}  // namespace ctgrad::passes
