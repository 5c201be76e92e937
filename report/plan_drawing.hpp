#pragma once

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/inspect/call_costs.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/plan/plan.hpp>
#include <ctgrad/report/graph_drawing.hpp>

#include <map>

/// What is run of a graph, as a drawing: a box for every kernel call.
namespace ctgrad::report {

namespace drawing {

/// The most that any of a call's operations does: a product with an epilogue is a product.
inline Box box_of(const Graph& graph, const plan::Plan& plan, const plan::KernelCall& call) {
  Box box{"", short_shape(graph[call.node].type.shape), "", BoxKind::leaf, false};
  int rank = -1;
  for (const std::int32_t id : members_of(graph, plan.groups, call)) {
    const Node& node = graph[id];
    box.name += (box.name.empty() ? "" : " + ") + std::string(node.operation->name);
    box.details += (box.details.empty() ? "" : "\n") + text::line(graph, id);
    const BoxKind kind = kind_of(node);
    const int its_rank = kind == BoxKind::product  ? 3
                         : kind == BoxKind::rows   ? 2
                         : kind == BoxKind::moving ? 0
                                                   : 1;
    if (its_rank > rank) box.kind = kind;
    rank = std::max(rank, its_rank);
  }
  if (box.name.empty()) box.name = name_of(graph, call.node, {});
  if (box.details.empty()) box.details = text::line(graph, call.node);
  return box;
}

}  // namespace drawing

/// A box for every call that a run of the graph takes and for every input that is read: what passes fuse into
/// one call is one box, views and constants are part of what reads them.
inline Boxes calls_of(const Graph& graph, std::span<const std::string> inputs = {}) {
  const plan::Plan plan = plan::Planner(graph, sizeof(float)).build();
  Boxes result;
  std::map<std::int32_t, std::size_t> box_at;  // of what is computed, by its call's node; of inputs
  std::set<std::int32_t> read;
  for (const plan::KernelCall& call : plan.calls) read.insert(call.roots, call.roots + call.source_count);
  for (const std::int32_t id : graph.inputs) {
    if (!read.contains(id)) continue;
    box_at[id] = result.boxes.size();
    result.boxes.push_back({name_of(graph, id, inputs), short_shape(graph[id].type.shape),
                            text::line(graph, id) + "  " + name_of(graph, id, inputs), BoxKind::leaf, false});
  }
  const auto box_of_value = [&](std::int32_t id) {
    const auto found = box_at.find(plan.groups[id] >= 0 ? plan.groups[id] : id);
    return found == box_at.end() ? result.boxes.size() : found->second;
  };
  for (std::size_t i = static_cast<std::size_t>(plan.constants); i < plan.calls.size(); ++i) {
    const plan::KernelCall& call = plan.calls[i];
    const std::size_t box = result.boxes.size();
    std::set<std::size_t> sources;
    for (int k = 0; k < call.source_count; ++k) sources.insert(box_of_value(call.roots[k]));
    for (const std::size_t source : sources) {
      if (source < box) result.edges.push_back({source, box});
    }
    result.boxes.push_back(drawing::box_of(graph, plan, call));
    box_at[call.node] = box;
  }
  const plan::StorageMap storage = plan::storage_of(graph);
  for (const std::int32_t id : graph.outputs) {
    const std::size_t box = box_of_value(storage.root(id));
    if (box < result.boxes.size()) result.boxes[box].output = true;
  }
  return result;
}

}  // namespace ctgrad::report
