#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/inspect/cost.hpp>
#include <ctgrad/inspect/print.hpp>
#include <ctgrad/passes/pipeline.hpp>
#include <ctgrad/plan/plan.hpp>

#include <initializer_list>
#include <ostream>
#include <span>

/// What every pass does to a graph, counted. The passes run again to tell it; programs carry nothing of this.
namespace ctgrad {

/// What it takes to run a graph once, counted from types. What depends on no input is computed with the
/// program and not counted.
struct Costs {
  Size nodes = 0;  ///< all of them, inputs, constants and views too
  Size kernel_calls = 0;
  Size copies = 0;  ///< the kernel calls that compute nothing
  Size bytes = 0;   ///< that the kernels read and write, every operand once a call
  Size flops = 0;
  Size arena_bytes = 0;
  Size lower_bound = 0;  ///< the arena's bytes under the best placement of its buffers that could exist

  constexpr double arena_ratio() const {
    return lower_bound == 0 ? 1 : static_cast<double>(arena_bytes) / static_cast<double>(lower_bound);
  }
  constexpr bool operator==(const Costs&) const = default;
};

/// A kernel call that computes nothing.
struct CopyCall {
  std::int32_t node = 0;
  std::string_view operation;
  Type type;
};

/// A pass, and what the graph costs after it.
struct Stage {
  std::string_view name;
  bool left_out = false;  ///< by the graph's choice; `after` is then that of the stage before
  Costs after;
};

/// What the passes make of a graph.
struct Explanation {
  std::vector<Stage> stages;  ///< what came in, then every pass in its order
  Size kernels = 0;           ///< how many different ones the plan calls, those of constants included
  std::vector<CopyCall> copies;

  /// What is run in the end.
  constexpr const Costs& plan() const { return stages.back().after; }
};

namespace explaining {

/// The bytes of a call's value of this type, `bit` being that of KernelCall::bf16 which says how it is
/// stored.
constexpr Size stored_bytes(const plan::KernelCall& call, std::uint32_t bit, const Type& type, Size scalar) {
  return dense_bytes(type, (call.bf16 & bit) != 0 ? plan::bf16_bytes : scalar);
}

/// The bytes that a call reads of source i: a repeated element counts once, and a source of which the call
/// only takes a part counts as that part.
constexpr Size bytes_read(const Graph& graph, const plan::KernelCall& call, int i, Size scalar) {
  const Node& source = graph[call.sources[i]];
  Type type = source.type;
  const Shape strides = plan::operand_strides(graph, call, i);
  for (int axis = 0; axis < type.shape.rank; ++axis) {
    if (strides[axis] == 0) type.shape[axis] = std::min(type.shape[axis], Size{1});
  }
  const Size whole = stored_bytes(call, plan::bf16_bit_of_source(i), type, scalar);
  const Node& node = graph[call.node];
  const bool takes_a_part = i == 0 && node.operation->moves && call.sources[0] == node.operands[0];
  return takes_a_part ? std::min(whole, dense_bytes(node.type, scalar)) : whole;
}

constexpr Size bytes_moved(const Graph& graph, const plan::KernelCall& call, Size scalar) {
  Size bytes = stored_bytes(call, 1, graph[call.node].type, scalar);
  for (int i = 0; i < call.extra_count; ++i)
    bytes += stored_bytes(call, std::uint32_t{2} << i, graph[call.extras[i]].type, scalar);
  for (int i = 0; i < call.source_count; ++i) bytes += bytes_read(graph, call, i, scalar);
  return bytes;
}

/// Says whether a call is a copy and nothing else: no other node is in its group.
constexpr bool is_copy_call(const Graph& graph, const plan::KernelCall& call) {
  const Node& node = graph[call.node];
  bool alone = call.product < 0 && !call.by_rows && call.source_count == node.operand_count;
  for (int i = 0; alone && i < call.source_count; ++i) alone = call.sources[i] == node.operands[i];
  return alone && is_copy(node);
}

constexpr Costs costs_of(const Graph& graph, const plan::Plan& plan, Size scalar) {
  Costs costs;
  costs.nodes = graph.size();
  costs.kernel_calls = std::ssize(plan.calls) - plan.constants;
  costs.flops = flops(graph);
  costs.arena_bytes = plan.arena_bytes;
  costs.lower_bound = plan.lower_bound;
  for (std::size_t i = static_cast<std::size_t>(plan.constants); i < plan.calls.size(); ++i) {
    costs.bytes += bytes_moved(graph, plan.calls[i], scalar);
    costs.copies += is_copy_call(graph, plan.calls[i]) ? 1 : 0;
  }
  return costs;
}

}  // namespace explaining

/// What a graph costs as it stands, for scalars of so many bytes. Every node that is no view is a kernel call
/// of its own unless graph.passes lets the planner group it.
constexpr Costs costs(const Graph& graph, Size scalar = sizeof(float)) {
  return explaining::costs_of(graph, plan::Planner(graph, scalar).build(), scalar);
}

namespace explaining {

/// Runs the passes over a graph one by one, in place, and notes what it costs after each.
class Stages {
 public:
  constexpr Stages(Graph& graph, Size scalar) : graph_(graph), planner_(graph.passes), scalar_(scalar) {}

  constexpr std::vector<Stage> run() {
    const Optimize chosen = graph_.passes;
    for (const plan::PlanPass& pass : plan::plan_passes) planner_.*pass.choice = false;
    note("as traced", graph_);
    for (const passes::Pass& pass : passes::pipeline) {
      if (!pass.works_on(graph_)) {
        leave_out(pass.name);
        continue;
      }
      pass.run(graph_);
      note(pass.name, passes::eliminate_dead(graph_));
    }
    for (const plan::PlanPass& pass : plan::plan_passes) {
      planner_.*pass.choice = chosen.*pass.choice;
      if (chosen.*pass.choice) {
        note(pass.name, graph_);
      } else {
        leave_out(pass.name);
      }
    }
    return std::move(stages_);
  }

 private:
  constexpr void note(std::string_view name, Graph graph) {
    graph.passes = planner_;
    stages_.push_back({name, false, costs(graph, scalar_)});
  }
  constexpr void leave_out(std::string_view name) { stages_.push_back({name, true, stages_.back().after}); }

  Graph& graph_;
  Optimize planner_;  ///< the graph's choices, of the planner only those that had their turn
  Size scalar_;
  std::vector<Stage> stages_;
};

}  // namespace explaining

/// What the passes that graph.passes chooses make of a graph, one after the other, for scalars of so many
/// bytes.
constexpr Explanation explain(Graph graph, Size scalar = sizeof(float)) {
  Explanation found;
  found.stages = explaining::Stages(graph, scalar).run();
  const plan::Plan plan = plan::Planner(graph, scalar).build();
  for (std::int32_t i = 0; i < std::ssize(plan.calls); ++i) {
    const plan::KernelCall& call = plan.calls[static_cast<std::size_t>(i)];
    found.kernels += call.kernel == i ? 1 : 0;
    if (i >= plan.constants && explaining::is_copy_call(graph, call))
      found.copies.push_back({call.node, graph[call.node].operation->name, graph[call.node].type});
  }
  return found;
}

/// How many of these calls write an array whose shape `meant(shape)` accepts.
template <class G, class Meant>
constexpr int count_stored(const G& graph, std::span<const plan::KernelCall> calls, Meant meant) {
  int arrays = 0;
  for (const plan::KernelCall& call : calls)
    arrays += !call.splat && meant(graph[call.node].type.shape) ? 1 : 0;
  return arrays;
}

namespace text {

/// A line of a table: a name, then columns that end below each other.
inline std::string row(const std::string& name, std::initializer_list<std::string> columns) {
  std::string line = padded(name, 28);
  for (const std::string& column : columns) {
    line += std::string(column.size() < 13 ? 13 - column.size() : 1, ' ') + column;
  }
  return line + "\n";
}

inline std::string row(const Stage& stage) {
  const std::string name(stage.name);
  if (stage.left_out) return name + " (left out)\n";
  const Costs& c = stage.after;
  return row(name, {to_string(c.nodes), to_string(c.kernel_calls), to_string(c.copies), to_string(c.bytes),
                    to_string(c.flops), to_string(c.arena_bytes)});
}

}  // namespace text

/// A table with a line for every pass and what the graph costs after it; then the plan, and its copies.
inline std::string to_string(const Explanation& found) {
  std::string lines = text::row("pass", {"nodes", "calls", "copies", "bytes moved", "flops", "arena bytes"});
  for (const Stage& stage : found.stages) lines += text::row(stage);
  const Costs& plan = found.plan();
  lines += "plan: " + to_string(plan.kernel_calls) + " kernel calls a run, " + to_string(found.kernels) +
           " kernels, " + to_string(plan.copies) + " copies, arena " + text::fixed(plan.arena_ratio(), 3) +
           " times its lower bound of " + to_string(plan.lower_bound) + " bytes\n";
  for (const CopyCall& copy : found.copies) {
    lines += "  %" + text::padded(to_string(Size{copy.node}), 6) + text::padded(copy.operation, 14) +
             to_string(copy.type) + "\n";
  }
  return lines;
}

inline std::ostream& operator<<(std::ostream& out, const Explanation& found) {
  return out << to_string(found);
}

}  // namespace ctgrad
