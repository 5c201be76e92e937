#pragma once

#include <ctgrad/autodiff/vjp.hpp>
#include <ctgrad/inspect/print.hpp>
#include <ctgrad/plan/storage.hpp>
#include <ctgrad/runtime/trace.hpp>

/// What reverse mode keeps.
namespace ctgrad {

/// A value that the forward half of a reverse-mode program keeps for its backward half.
struct Residual {
  std::int32_t node = 0;
  Size elements = 0;
  bool input = false;  ///< an argument or parameter, which is there anyway
};

/// The residuals of a graph whose inputs from position `first_cotangent` on are cotangents: what nodes that
/// depend on these read of nodes that don't. Constants are none.
constexpr std::vector<Residual> residuals_of(const Graph& graph, std::size_t first_cotangent) {
  std::vector<char> backward(graph.nodes().size(), 0);
  for (std::size_t i = first_cotangent; i < graph.inputs.size(); ++i) {
    backward[static_cast<std::size_t>(graph.inputs[i])] = 1;
  }
  const plan::StorageMap storage = plan::storage_of(graph);
  std::vector<char> kept(graph.nodes().size(), 0);
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    char& later = backward[static_cast<std::size_t>(id)];
    for (int i = 0; i < node.operand_count; ++i) {
      if (backward[static_cast<std::size_t>(node.operands[i])] != 0) later = 1;
    }
    for (int i = 0; later != 0 && i < node.operand_count; ++i) {
      const auto root = static_cast<std::size_t>(storage.root(node.operands[i]));
      if (backward[root] == 0) kept[root] = 1;
    }
  }
  std::vector<Residual> residuals;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const plan::Storage kind = storage.kind(id);
    if (kept[static_cast<std::size_t>(id)] == 0 || kind == plan::Storage::constant ||
        kind == plan::Storage::splat) {
      continue;
    }
    residuals.push_back({id, graph[id].type.shape.size(), kind == plan::Storage::input});
  }
  return residuals;
}

/// The graph of reverse mode for a function, its cotangents being inputs.
template <auto Function, class... Arguments>
Graph reverse_graph() {
  using Result = typename runtime::Trace<Function, Arguments...>::Result;
  return runtime::Trace<vjp(Function), Arguments..., Result>::make();
}

/// What reverse mode of a function keeps, as a table: node, operation, shape, bytes in float; then the sum of
/// what is no input.
template <auto Function, class... Arguments>
std::string residuals() {
  const Graph graph = reverse_graph<Function, Arguments...>();
  constexpr std::size_t arguments = (std::size_t{0} + ... + leaf_count<Arguments>());
  std::string lines;
  Size sum = 0;
  for (const Residual& residual : residuals_of(graph, arguments)) {
    const Size bytes = dense_bytes(graph[residual.node].type, sizeof(float));
    lines += text::padded(text::line(graph, residual.node), 60) + " " + to_string(bytes) + " bytes" +
             (residual.input ? " (input)" : "") + "\n";
    sum += residual.input ? 0 : bytes;
  }
  return lines + "kept: " + to_string(sum) + " bytes besides inputs\n";
}

/// The table of a function's graph: `table<grad(f), Tensor<3>>()`.
template <auto Function, class... Arguments>
std::string table() {
  return table(runtime::Trace<Function, Arguments...>::make());
}

}  // namespace ctgrad
