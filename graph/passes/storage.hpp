#pragma once

#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/copy.hpp>
#include <ctgrad/ops/input.hpp>
#include <ctgrad/ops/iota.hpp>

/// Which nodes have memory of their own, and which are views of others.
namespace ctgrad::passes {

/// How a node is stored.
enum class Storage : std::uint8_t {
  input,     ///< outside
  view,      ///< a reshape, or a broadcast that every consumer reads through strides: another node's memory
  element,   ///< a constant that every consumer reads through strides: one element
  constant,  ///< depends on no input: computed once
  buffer,    ///< computed in every run
};

constexpr bool is_a(const Node& node, const Operation& op) { return node.operation == &op; }

/// Marks, for every node, whether a consumer needs it dense.
constexpr std::vector<char> needed_dense(const Graph& graph) {
  std::vector<char> dense(static_cast<std::size_t>(graph.size()), 0);
  for (const std::int32_t id : graph.outputs) dense[static_cast<std::size_t>(id)] = 1;
  for (const Node& node : graph.nodes()) {
    for (int i = 0; i < node.operand_count; ++i) {
      if (!node.operation->takes_strides) dense[static_cast<std::size_t>(node.operands[i])] = 1;
    }
  }
  return dense;
}

constexpr std::vector<Storage> storage_of(const Graph& graph) {
  const std::vector<char> dense = needed_dense(graph);
  std::vector<Storage> storage;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const bool strided = dense[static_cast<std::size_t>(id)] == 0;
    Storage kind = Storage::buffer;
    if (is_a(node, operation<ops::Input>)) {
      kind = Storage::input;
    } else if (is_a(node, operation<ops::Reshape>) || (strided && is_a(node, operation<ops::Broadcast>))) {
      kind = Storage::view;
    } else if (strided && is_a(node, operation<ops::Constant>)) {
      kind = Storage::element;
    } else {
      bool constant = true;
      for (int i = 0; i < node.operand_count; ++i) {
        std::int32_t root = node.operands[i];
        while (storage[static_cast<std::size_t>(root)] == Storage::view) root = graph[root].operands[0];
        const Storage operand = storage[static_cast<std::size_t>(root)];
        constant = constant && (operand == Storage::constant || operand == Storage::element);
      }
      if (constant) kind = Storage::constant;
    }
    storage.push_back(kind);
  }
  return storage;
}

/// The node whose memory holds `id`.
constexpr std::int32_t storage_root(const Graph& graph, const std::vector<Storage>& storage,
                                    std::int32_t id) {
  while (storage[static_cast<std::size_t>(id)] == Storage::view) id = graph[id].operands[0];
  return id;
}

/// outputs {x, y, y}, x an input  ->  outputs {copy(x), y, copy(y)}: every output has memory of its own.
constexpr Graph own_outputs(Graph graph) {
  std::vector<std::int32_t> owned;
  for (std::int32_t& output : graph.outputs) {
    std::int32_t root = output;
    while (is_a(graph[root], operation<ops::Reshape>)) root = graph[root].operands[0];
    bool taken = is_a(graph[root], operation<ops::Input>);
    for (const std::int32_t other : owned) taken = taken || other == root;
    if (taken) {
      Attributes number;
      number.integers[0] = static_cast<std::int32_t>(owned.size());
      output = emit<ops::Copy>(number, Value{&graph, output}).id;
      root = output;
    }
    owned.push_back(root);
  }
  return graph;
}

}  // namespace ctgrad::passes
