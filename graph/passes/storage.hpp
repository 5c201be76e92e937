#pragma once

#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/copy.hpp>
#include <ctgrad/ops/input.hpp>
#include <ctgrad/ops/iota.hpp>
#include <ctgrad/ops/slice.hpp>

/// Which nodes have memory of their own, and which are views of others.
namespace ctgrad::passes {

/// How a node is stored.
enum class Storage : std::uint8_t {
  input,    ///< outside
  view,     ///< a reshape, a slice without gaps or the like, or a broadcast that every consumer reads through
            ///< strides: another node's memory
  element,  ///< a constant that every consumer reads through strides: one element
  constant,  ///< depends on no input: computed once
  buffer,    ///< computed in every run
};

constexpr bool is_broadcast(const Node& node) { return node.operation == &operation<ops::Broadcast>; }

/// Marks, for every node, whether a consumer needs it dense. Strides undo one broadcast, not two.
constexpr PerNode<bool> needed_dense(const Graph& graph) {
  PerNode<bool> dense(graph.size());
  bool* marks = dense.data();
  for (const std::int32_t id : graph.outputs) marks[id] = true;
  for (const Node& node : graph.nodes()) {
    for (int i = 0; i < node.operand_count; ++i) {
      const bool nested = is_broadcast(node) && is_broadcast(graph[node.operands[i]]);
      if (!node.operation->takes_strides || nested) marks[node.operands[i]] = true;
    }
  }
  return dense;
}

/// Says whether a node is a box of its operand that lies in one piece: whole but along one axis, in front of
/// which there is nothing to repeat.
template <class Nodes>
constexpr bool is_dense_slice(const Nodes& nodes, const Node& node) {
  if (node.operation != &operation<ops::Slice>) return false;
  const Shape& whole = nodes[node.operands[0]].type.shape;
  int axis = 0;
  while (axis < whole.rank && node.type.shape[axis] == 1) ++axis;
  for (++axis; axis < whole.rank; ++axis) {
    if (node.type.shape[axis] != whole[axis]) return false;
  }
  return true;
}

/// How every node is stored, the node whose memory holds it (itself, unless it is a view), and how many
/// elements from that one's begin.
struct StorageMap {
  PerNode<Storage> kinds;
  PerNode<std::int32_t> roots;
  PerNode<Size> offsets;
};

constexpr StorageMap storage_of(const Graph& graph) {
  const PerNode<bool> dense = needed_dense(graph);
  const Node* nodes = graph.nodes().data();
  StorageMap map{PerNode<Storage>(graph.size()), PerNode<std::int32_t>(graph.size()),
                 PerNode<Size>(graph.size())};
  Storage* kinds = map.kinds.data();
  std::int32_t* roots = map.roots.data();
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = nodes[id];
    const bool strided = !dense[id];
    kinds[id] = Storage::buffer;
    roots[id] = id;
    if (node.operation == &operation<ops::Input>) {
      kinds[id] = Storage::input;
    } else if (node.operation->is_view || (strided && node.operation == &operation<ops::Broadcast>)) {
      kinds[id] = Storage::view;
      roots[id] = roots[node.operands[0]];
      map.offsets.data()[id] = map.offsets.data()[node.operands[0]];
    } else if (is_dense_slice(nodes, node)) {
      kinds[id] = Storage::view;
      roots[id] = roots[node.operands[0]];
      map.offsets.data()[id] =
          map.offsets.data()[node.operands[0]] +
          ops::Slice::offset(row_major_strides(nodes[node.operands[0]].type.shape), node.attributes);
    } else if (strided && node.operation == &operation<ops::Constant>) {
      kinds[id] = Storage::element;
    } else {
      bool constant = true;
      for (int i = 0; constant && i < node.operand_count; ++i) {
        const Storage operand = kinds[roots[node.operands[i]]];
        constant = operand == Storage::constant || operand == Storage::element;
      }
      if (constant) kinds[id] = Storage::constant;
    }
  }
  return map;
}

/// outputs {x, y, y}, x an input  ->  outputs {copy(x), y, copy(y)}: every output has memory of its own.
constexpr Graph own_outputs(Graph graph) {
  PerNode<bool> owned(graph.size());
  std::int32_t position = 0;
  for (std::int32_t& output : graph.outputs) {
    std::int32_t root = output;
    while (graph[root].operation->is_view) root = graph[root].operands[0];
    const bool outside = graph[root].operation == &operation<ops::Input>;
    if (outside || is_dense_slice(graph, graph[root]) || owned[root]) {
      Attributes number;
      number.integers[0] = position;
      output = emit<ops::Copy>(number, Value{&graph, output}).id;
    } else {
      owned[root] = true;
    }
    ++position;
  }
  return graph;
}

}  // namespace ctgrad::passes
