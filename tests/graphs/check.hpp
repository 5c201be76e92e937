#pragma once

#include <support/compare.hpp>
#include <support/random_graph.hpp>

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/autodiff/graphs.hpp>
#include <ctgrad/inspect/print.hpp>
#include <ctgrad/passes/pipeline.hpp>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

/// What holds for the derivatives of every graph, checked on a random one in the interpreter.
namespace ctgrad::test {

/// What was found over many graphs. Errors are relative, of order 1 where an identity is broken.
struct GraphTotals {
  Tally adjoint;    ///< bar 1e-12
  Tally tangent;    ///< bar 1e-8
  Tally second;     ///< bar 1e-6
  Tally symmetry;   ///< bar 1e-10
  Tally optimised;  ///< bar 1e-10
  int exact = 0;    ///< comparisons bit for bit
  int skipped = 0;  ///< differences that no distance was short enough for: a kink is too close
  std::map<std::string_view, int> graphs_with;  ///< for every operation

  int checks() const {
    return adjoint.checks + tangent.checks + second.checks + symmetry.checks + optimised.checks + exact;
  }
};

/// Two numbers and the size of what they were summed from.
struct TwoNumbers {
  double left = 0;
  double right = 0;
  double terms = 0;

  void add_left(const Numbers& a, const Numbers& b) { add(left, a, b); }
  void add_right(const Numbers& a, const Numbers& b) { add(right, a, b); }
  /// Relative to the terms, or, where all of them are rounding, to 1/1000.
  double error() const {
    const double difference = std::abs(left - right);
    return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                  : difference / std::max(terms, 1e-3);
  }

 private:
  void add(double& sum, const Numbers& a, const Numbers& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum += a.data()[i] * b.data()[i];
      terms += 0.5 * std::abs(a.data()[i] * b.data()[i]);
    }
  }
};

/// The graph with every decision that its values take as a further output: the side of each kink that every
/// element is on. Where these stay, the outputs are smooth.
inline Graph with_decisions(Graph graph) {
  const std::int32_t size = graph.size();
  for (std::int32_t id = 0; id < size; ++id) {
    const Node node = graph[id];
    const Operation* op = node.operation;
    const Value result{&graph, id};
    const auto operand = [&](int i) { return Value{&graph, node.operands[i]}; };
    const auto sides = [&](Value a, Value b) {
      graph.outputs.push_back(less(a, b).id);
      graph.outputs.push_back(less(b, a).id);
    };
    if (op == &operation<ops::Relu> || op == &operation<ops::Abs>) sides(operand(0), ops::zeros_like(result));
    if (op == &operation<ops::Maximum> || op == &operation<ops::Minimum>) sides(operand(0), operand(1));
    if (op == &operation<ops::Max>) graph.outputs.push_back(equal(operand(0), result).id);
    if (op == &operation<ops::Less> || op == &operation<ops::LessEqual> || op == &operation<ops::Equal>)
      graph.outputs.push_back(id);
  }
  return graph;
}

/// A function at a point as differences see it: what gradients stop at stays what it is there, as further
/// inputs.
struct FrozenStops {
  Graph graph;
  std::vector<Numbers> point;

  FrozenStops(const Graph& function, const std::vector<Numbers>& at) : point(at) {
    Graph stops = function;
    stops.outputs.clear();
    std::vector<Node> nodes(function.nodes().begin(), function.nodes().end());
    for (std::int32_t id = 0; id < function.size(); ++id) {
      if (function[id].operation != &operation<ops::StopGradient>) continue;
      stops.outputs.push_back(id);
      nodes[static_cast<std::size_t>(id)] = Node{&operation<ops::Input>, function[id].type, {}};
    }
    const std::vector<Numbers> values = interpret(stops, at);
    point.insert(point.end(), values.begin(), values.end());
    graph = Graph(nodes);
    graph.inputs = function.inputs;
    graph.inputs.insert(graph.inputs.end(), stops.outputs.begin(), stops.outputs.end());
    graph.outputs = function.outputs;
  }
};

inline bool equal_bits(const Numbers& a, const Numbers& b) {
  return a.shape() == b.shape() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

/// The same nodes added to an empty graph one by one.
inline Graph added_again(const Graph& graph) {
  Graph result;
  std::vector<std::int32_t> renamed;
  for (Node node : graph.nodes()) {
    for (int i = 0; i < node.operand_count; ++i)
      node.operands[i] = renamed[static_cast<std::size_t>(node.operands[i])];
    renamed.push_back(result.add(node));
  }
  for (const std::int32_t id : graph.inputs) result.inputs.push_back(renamed[static_cast<std::size_t>(id)]);
  for (const std::int32_t id : graph.outputs) result.outputs.push_back(renamed[static_cast<std::size_t>(id)]);
  return result;
}

/// The entry of a tangent that is furthest from the slope by differences.
struct WorstSlope {
  double error = -1;
  double slope = 0;
  double tangent = 0;
};

/// Errors less what rounding may cause; relative to the largest entry of each array, absolute where that is
/// below the tolerance.
inline WorstSlope worst_slope(const std::vector<Numbers>& slopes, const std::vector<Numbers>& tangents,
                              double rounding, double tolerance) {
  WorstSlope worst;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    double scale = 0;
    for (std::size_t j = 0; j < slopes[i].size(); ++j)
      scale = std::max({scale, std::abs(slopes[i].data()[j]), std::abs(tangents[i].data()[j])});
    for (std::size_t j = 0; j < slopes[i].size(); ++j) {
      const double slope = slopes[i].data()[j];
      const double tangent = tangents[i].data()[j];
      const double difference = std::max(0.0, std::abs(slope - tangent) - rounding);
      double error = scale < tolerance ? difference : difference / scale;
      if (!std::isfinite(slope - tangent)) error = std::numeric_limits<double>::infinity();
      if (error > worst.error) worst = {error, slope, tangent};
    }
  }
  return worst.error < 0 ? WorstSlope{0, 0, 0} : worst;
}

}  // namespace ctgrad::test
