#pragma once

#include <ctgrad/graph/graph.hpp>

#include <algorithm>

/// Graphs as constants: a tag type holds each, and templates are named by the tag.
namespace ctgrad {

/// A graph in arrays of fixed length.
template <std::size_t Nodes, std::size_t Inputs, std::size_t Outputs>
struct FixedGraph {
  std::size_t node_count = 0;
  std::size_t input_count = 0;
  std::size_t output_count = 0;
  Optimize passes;
  std::int32_t weighted_means = 0;
  Node nodes[Nodes == 0 ? 1 : Nodes];
  std::int32_t inputs[Inputs == 0 ? 1 : Inputs] = {};
  std::int32_t outputs[Outputs == 0 ? 1 : Outputs] = {};

  constexpr const Node& operator[](std::int32_t id) const { return nodes[id]; }
  constexpr std::int32_t size() const { return static_cast<std::int32_t>(node_count); }

  /// The graph as one that can be read and built on.
  constexpr Graph thaw() const {
    Graph graph{std::span(nodes, node_count)};
    graph.inputs.assign(inputs, inputs + input_count);
    graph.outputs.assign(outputs, outputs + output_count);
    graph.passes = passes;
    graph.weighted_means = weighted_means;
    return graph;
  }
};

/// Copies as much as there is room for; the counts tell what was needed.
template <class Target, class Source>
constexpr Target fixed_copy(const Source& source) {
  Target target;
  target.node_count = source.node_count;
  target.input_count = source.input_count;
  target.output_count = source.output_count;
  target.passes = source.passes;
  target.weighted_means = source.weighted_means;
  for (std::size_t i = 0; i < std::min(source.node_count, std::size(target.nodes)); ++i)
    target.nodes[i] = source.nodes[i];
  for (std::size_t i = 0; i < std::min(source.input_count, std::size(target.inputs)); ++i)
    target.inputs[i] = source.inputs[i];
  for (std::size_t i = 0; i < std::min(source.output_count, std::size(target.outputs)); ++i)
    target.outputs[i] = source.outputs[i];
  return target;
}

namespace frozen {

struct View {
  std::size_t node_count;
  std::size_t input_count;
  std::size_t output_count;
  Optimize passes;
  std::int32_t weighted_means;
  const Node* nodes;
  const std::int32_t* inputs;
  const std::int32_t* outputs;
};

template <std::size_t Capacity>
constexpr auto capture(const Graph& graph) {
  using Fixed = FixedGraph<Capacity, Capacity, Capacity>;
  return fixed_copy<Fixed>(View{graph.nodes().size(), graph.inputs.size(), graph.outputs.size(), graph.passes,
                                graph.weighted_means, graph.nodes().data(), graph.inputs.data(),
                                graph.outputs.data()});
}

/// Room for most graphs, so that they are traced once; larger ones are traced a second time. A tag may ask
/// for more.
template <class Tag>
constexpr std::size_t capacity_for() {
  std::size_t capacity = 4096;
  if constexpr (requires { Tag::expected_nodes; }) capacity = std::max(capacity, Tag::expected_nodes);
  return capacity;
}

template <class Tag>
struct Captured {
  static constexpr std::size_t capacity = capacity_for<Tag>();
  static constexpr auto first = capture<capacity>(Tag::make());
  static constexpr std::size_t needed = std::max({first.node_count, first.input_count, first.output_count});
  static constexpr const auto& graph() {
    if constexpr (needed <= capacity) {
      return first;
    } else {
      return again<needed>;
    }
  }
  template <std::size_t Capacity>
  static constexpr auto again = capture<Capacity>(Tag::make());
};

}  // namespace frozen

/// The graph that Tag::make() builds, as a constant of exactly its size.
template <class Tag>
struct Frozen {
  using Captured = frozen::Captured<Tag>;
  static constexpr auto graph =
      fixed_copy<FixedGraph<Captured::graph().node_count, Captured::graph().input_count,
                            Captured::graph().output_count>>(Captured::graph());
};

}  // namespace ctgrad
