#pragma once

#include <ctgrad/graph/passes/memory.hpp>
#include <ctgrad/graph/passes/storage.hpp>

/// From a graph to the table of steps that a program walks.
namespace ctgrad::passes {

/// Where values lie: in the arena (region 0) or in input `region - 1`, so many bytes from its begin.
struct Location {
  std::int32_t region = 0;
  Size offset = 0;
};

/// One kernel call.
struct Step {
  std::int32_t node = 0;
  std::int32_t kernel = 0;  ///< the first step with an equal kernel
  Size stored = 0;          ///< how many elements are written
  Location result;
  Location operands[max_operands];
  Shape strides[max_operands];
};

/// Ids to look at before a run: `count` integers that must lie in [0, limit).
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

/// Builds a plan for a scalar type of `scalar` bytes.
class Planner {
 public:
  constexpr Planner(const Graph& graph, Size scalar)
      : graph_(graph), scalar_(scalar), storage_(storage_of(graph)), locations_(at(graph.size())) {}

  constexpr Plan build() {
    order_steps();
    locate_inputs();
    place_buffers();
    for (std::size_t i = 0; i < order_.size(); ++i) plan_.steps.push_back(step(order_[i]));
    merge_kernels();
    for (const std::int32_t id : graph_.outputs) plan_.outputs.push_back(locations_[at(root(id))]);
    find_checks();
    return plan_;
  }

 private:
  static constexpr std::size_t at(std::int32_t id) { return static_cast<std::size_t>(id); }
  constexpr std::int32_t root(std::int32_t id) const { return storage_root(graph_, storage_, id); }

  constexpr bool persistent(std::int32_t id) const {
    return storage_[at(id)] == Storage::constant || storage_[at(id)] == Storage::element;
  }

  constexpr Size bytes(std::int32_t id) const {
    const Type& type = graph_[id].type;
    const Size element = type.kind == Kind::real ? scalar_ : type.kind == Kind::index ? 4 : 1;
    return element * (storage_[at(id)] == Storage::element ? 1 : type.shape.size());
  }

  /// Constants, then integers, then the rest, each in the order of the graph.
  constexpr void order_steps() {
    for (int turn = 0; turn < 3; ++turn) {
      for (std::int32_t id = 0; id < graph_.size(); ++id) {
        const Storage storage = storage_[at(id)];
        if (storage == Storage::input || storage == Storage::view) continue;
        const int own_turn = persistent(id) ? 0 : graph_[id].type.kind == Kind::index ? 1 : 2;
        if (own_turn == turn) order_.push_back(id);
      }
      if (turn == 0) plan_.constants = static_cast<std::int32_t>(order_.size());
      if (turn == 1) plan_.early = static_cast<std::int32_t>(order_.size()) - plan_.constants;
    }
  }

  constexpr void locate_inputs() {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      locations_[at(graph_.inputs[i])] = {static_cast<std::int32_t>(i) + 1, 0};
    }
  }

  /// Outputs first, one behind the other in their order, then constants, then what may share memory.
  constexpr void place_buffers() {
    std::vector<char> placed(at(graph_.size()), 0);
    Size end = 0;
    const auto append = [&](std::int32_t id) {
      locations_[at(id)] = {0, end};
      end += aligned(bytes(id));
      placed[at(id)] = 1;
    };
    for (const std::int32_t id : graph_.outputs) append(root(id));
    plan_.output_bytes = end;
    for (const std::int32_t id : order_) {
      if (persistent(id) && placed[at(id)] == 0) append(id);
    }
    std::vector<std::int32_t> position(at(graph_.size()), 0);
    std::vector<std::int32_t> owner;
    std::vector<Buffer> buffers;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const std::int32_t now = static_cast<std::int32_t>(i);
      const Node& node = graph_[order_[i]];
      for (int operand = 0; operand < node.operand_count; ++operand) {
        const std::int32_t source = root(node.operands[operand]);
        if (storage_[at(source)] != Storage::input && placed[at(source)] == 0)
          buffers[at(position[at(source)])].last = now;
      }
      if (placed[at(order_[i])] != 0) continue;
      position[at(order_[i])] = static_cast<std::int32_t>(buffers.size());
      buffers.push_back({bytes(order_[i]), now, now, 0});
      owner.push_back(order_[i]);
    }
    plan_.lower_bound = end + lower_bound(buffers);
    plan_.arena_bytes = place(buffers, end);
    for (std::size_t i = 0; i < buffers.size(); ++i) locations_[at(owner[i])] = {0, buffers[i].offset};
  }

  constexpr Step step(std::int32_t id) const {
    const Node& node = graph_[id];
    Step step;
    step.node = id;
    step.stored = storage_[at(id)] == Storage::element ? 1 : node.shape().size();
    step.result = locations_[at(id)];
    for (int i = 0; i < node.operand_count; ++i) {
      step.operands[i] = locations_[at(root(node.operands[i]))];
      step.strides[i] = strides(node, node.operands[i]);
    }
    return step;
  }

  /// How the operand is read along the axes of the consumer: 0 where it repeats.
  constexpr Shape strides(const Node& consumer, std::int32_t operand) const {
    const Shape zero{{}, consumer.shape().rank};
    if (storage_[at(operand)] == Storage::element) return zero;
    if (!consumer.operation->takes_strides) return {};
    if (storage_[at(operand)] == Storage::view && is_a(graph_[operand], operation<ops::Broadcast>)) {
      operand = graph_[operand].operands[0];
    }
    const Shape& shape = graph_[operand].shape();
    Shape result = row_major_strides(shape);
    for (int axis = 0; axis < shape.rank; ++axis) {
      if (shape[axis] == 1) result[axis] = 0;
    }
    return result;
  }

  constexpr bool equal_kernels(const Step& a, const Step& b) const {
    const Node& x = graph_[a.node];
    const Node& y = graph_[b.node];
    if (x.operation != y.operation || !(x.type == y.type) || !(x.attributes == y.attributes) ||
        a.stored != b.stored) {
      return false;
    }
    for (int i = 0; i < x.operand_count; ++i) {
      if (!(graph_[x.operands[i]].type == graph_[y.operands[i]].type) || !(a.strides[i] == b.strides[i]))
        return false;
    }
    return true;
  }

  /// 12 equal layers need the kernels of one.
  constexpr void merge_kernels() {
    std::vector<std::int32_t> distinct;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      Step& step = plan_.steps[i];
      step.kernel = static_cast<std::int32_t>(i);
      for (const std::int32_t other : distinct) {
        if (equal_kernels(plan_.steps[at(other)], step)) {
          step.kernel = other;
          break;
        }
      }
      if (step.kernel == static_cast<std::int32_t>(i)) distinct.push_back(step.kernel);
    }
  }

  constexpr void find_checks() {
    for (const Step& step : plan_.steps) {
      const Node& node = graph_[step.node];
      if (node.operation->ids_operand < 0) continue;
      Type operands[max_operands];
      for (int i = 0; i < node.operand_count; ++i) operands[i] = graph_[node.operands[i]].type;
      const IdCheck check{step.node, step.operands[node.operation->ids_operand],
                          node.operation->id_limit(operands, node.type)};
      bool known = false;
      for (const IdCheck& other : plan_.checks) {
        known = known || (other.ids.region == check.ids.region && other.ids.offset == check.ids.offset &&
                          other.limit <= check.limit);
      }
      if (!known) plan_.checks.push_back(check);
    }
  }

  const Graph& graph_;
  Size scalar_;
  Plan plan_;
  std::vector<Storage> storage_;
  std::vector<Location> locations_;
  std::vector<std::int32_t> order_;
};

}  // namespace ctgrad::passes
