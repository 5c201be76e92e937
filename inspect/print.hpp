#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/graph/frozen.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

/// Graphs as text: a table of one line a node, and a drawing in Graphviz' language.
namespace ctgrad {

namespace text {

/// The word, with blanks behind it up to that width. A copy: g++ 12 warns of a parameter's move where it
/// reads std::string precompiled.
inline std::string padded(std::string_view word, std::size_t width) {
  std::string text(std::max(word.size(), width), ' ');
  word.copy(text.data(), word.size());
  return text;
}

/// An attribute list for people: what differs from its default.
inline std::string attributes(const Node& node) {
  std::string words;
  if (node.attributes.value != 0 || node.operation->is_splat) {
    words += " " + significant(node.attributes.value, 6);
  }
  if (node.attributes.numbers != nullptr) {
    constexpr Size shown = 4;
    const Size count = node.type.shape.size();
    for (Size i = 0; i < std::min(count, shown); ++i)
      words += (i == 0 ? " [" : ", ") + significant(node.attributes.numbers[i], 6);
    words += count > shown ? ", ...]" : count > 0 ? "]" : "";
  }
  bool any = false;
  for (const std::int32_t integer : node.attributes.integers) any = any || integer != 0;
  if (any && !node.operation->is_input) {
    words += " {";
    for (int i = 0; i < std::max(node.type.shape.rank, 2); ++i) {
      words += (i > 0 ? "," : "") + std::to_string(node.attributes.integers[i]);
    }
    words += "}";
  }
  return words;
}

inline std::string line(const Graph& graph, std::int32_t id) {
  const Node& node = graph[id];
  std::string operands;
  for (int i = 0; i < node.operand_count; ++i) operands += " %" + std::to_string(node.operands[i]);
  std::string kind = node.type.kind == Kind::real ? "" : std::string(to_string(node.type.kind)) + " ";
  return padded("%" + std::to_string(id), 6) + padded(node.operation->name, 18) +
         padded(kind + to_string(node.type.shape), 22) + operands + attributes(node);
}

/// A line for every node, with "bf16" at its end where `in_bf16` says so of it, and one of the outputs.
inline std::string table(const Graph& graph, const std::vector<bool>& in_bf16) {
  std::string lines;
  for (std::int32_t id = 0; id < graph.size(); ++id)
    lines += line(graph, id) + (in_bf16[static_cast<std::size_t>(id)] ? " bf16\n" : "\n");
  lines += "outputs";
  for (const std::int32_t id : graph.outputs) lines += " %" + std::to_string(id);
  return lines + "\n";
}

}  // namespace text

/// One line a node: number, operation, shape, operands and attributes; then the outputs.
inline std::string table(const Graph& graph) {
  return text::table(graph, std::vector<bool>(static_cast<std::size_t>(graph.size())));
}

/// A drawing in Graphviz' language: `dot -Tsvg`.
inline std::string dot(const Graph& graph) {
  std::string lines = "digraph ctgrad {\n  node [shape=box, fontname=monospace];\n";
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    lines += "  n" + std::to_string(id) + " [label=\"" + std::string(node.operation->name) +
             text::attributes(node) + "\\n" + to_string(node.type.shape) + "\"];\n";
    for (int i = 0; i < node.operand_count; ++i) {
      lines += "  n" + std::to_string(node.operands[i]) + " -> n" + std::to_string(id) + ";\n";
    }
  }
  for (const std::int32_t id : graph.outputs) lines += "  n" + std::to_string(id) + " [penwidth=3];\n";
  return lines + "}\n";
}

/// The table of a graph that is run by a plan: what is stored as bf16 says so.
template <std::size_t N, std::size_t I, std::size_t O, class Plan>
std::string table(const FixedGraph<N, I, O>& fixed, const Plan& plan) {
  const Graph graph = fixed.thaw();
  std::vector<bool> in_bf16(static_cast<std::size_t>(graph.size()));
  for (std::size_t i = 0; i < plan.call_count; ++i) {
    const auto& call = plan.calls[i];
    const auto note = [&](std::int32_t node, std::uint32_t bit) {
      if ((call.bf16 & bit) != 0) in_bf16[static_cast<std::size_t>(node)] = true;
    };
    note(call.node, 1);
    for (int k = 0; k < call.extra_count; ++k) note(call.extras[k], std::uint32_t{2} << k);
  }
  return text::table(graph, in_bf16);
}

template <std::size_t N, std::size_t I, std::size_t O>
std::string table(const FixedGraph<N, I, O>& graph) {
  return table(graph.thaw());
}
template <std::size_t N, std::size_t I, std::size_t O>
std::string dot(const FixedGraph<N, I, O>& graph) {
  return dot(graph.thaw());
}

/// How many nodes are of operation Op.
template <class Op, class G>
constexpr int count(const G& graph) {
  int nodes = 0;
  for (std::int32_t id = 0; id < graph.size(); ++id) nodes += graph[id].operation == &operation<Op> ? 1 : 0;
  return nodes;
}

inline std::ostream& operator<<(std::ostream& out, const Graph& graph) { return out << table(graph); }

}  // namespace ctgrad
