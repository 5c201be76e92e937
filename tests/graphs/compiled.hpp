#pragma once

#include "draw.hpp"

#include <support/arrays.hpp>
#include <support/catch.hpp>
#include <support/condition.hpp>
#include <support/run_machine.hpp>

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/autodiff/graphs.hpp>
#include <ctgrad/inspect/print.hpp>
#include <ctgrad/passes/expand.hpp>
#include <ctgrad/passes/own_outputs.hpp>

#include <cstdio>

/// Random graphs as compiled programs: value, jvp and vjp, each against the interpreter.
namespace ctgrad::test {

/// Small enough to be compiled by the dozen.
inline constexpr RandomGraphOptions compiled_graphs{
    .fewest = 8, .most = 10, .most_inputs = 4, .most_elements = 24};

constexpr Graph as_program(const Graph& graph) {
  return passes::eliminate_dead(passes::own_outputs(passes::expand(passes::eliminate_dead(graph))));
}

template <std::uint64_t S>
struct ValueOfGraph {
  static constexpr Graph make() { return as_program(random_graph(Seed{S}, compiled_graphs).graph); }
};

template <std::uint64_t S>
struct JvpOfGraph {
  static constexpr Graph make() {
    const Graph graph = random_graph(Seed{S}, compiled_graphs).graph;
    return as_program(autodiff::jvp_graph(graph, graph.inputs.size()));
  }
};

template <std::uint64_t S>
struct VjpOfGraph {
  static constexpr Graph make() {
    return as_program(autodiff::vjp_graph(random_graph(Seed{S}, compiled_graphs).graph));
  }
};

/// The errors are over 5 eps (1 + condition) for every operation on the longest way through the graph: each
/// may round its own result, and the condition is that of the inputs alone.
struct CompiledTotals {
  int graphs = 0;
  Tally errors;
  Tally repeated;  ///< bit for bit: a second run; the graph built at run time and at compile time
};

/// How many operations lie behind each other.
inline int depth(const Graph& graph) {
  std::vector<int> depths;
  int deepest = 1;
  for (const Node& node : graph.nodes()) {
    int below = 0;
    for (int i = 0; i < node.operand_count; ++i)
      below = std::max(below, depths[static_cast<std::size_t>(node.operands[i])]);
    depths.push_back(below + 1);
    deepest = std::max(deepest, below + 1);
  }
  return deepest;
}

/// The largest |got - expected| over |expected| + its condition, or over 1 where that is less: values of
/// order 1 cancel, at times to what would be 0 without rounding.
inline double error_beside_condition(const Numbers& got, const Numbers& expected,
                                     const Numbers& scaled_condition) {
  double largest = got.shape() == expected.shape() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < expected.size() && largest < 1; ++i) {
    const double difference = std::abs(got.data()[i] - expected.data()[i]);
    if (difference == 0) continue;
    const double scale = std::abs(expected.data()[i]) + scaled_condition.data()[i];
    const double error = difference / std::max(scale, 1.0);
    largest = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(largest, error);
  }
  return largest;
}

template <class Tag>
void check_program(CompiledTotals& totals, const std::vector<Numbers>& inputs) {
  runtime::Machine<double, Tag> machine;
  const Graph graph = machine.graph.thaw();
  const std::vector<Numbers> expected = interpret(graph, inputs);
  const std::vector<Numbers> scaled_conditions = conditions(graph, inputs);
  const std::vector<Numbers> got = run(machine, inputs);
  const double bar = 5 * std::numeric_limits<double>::epsilon() * depth(graph);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("output " << i << " of\n" << graph);
    const double error = error_beside_condition(got[i], expected[i], scaled_conditions[i]);
    CHECK(totals.errors.count(error / bar) <= 1);
  }
  CHECK(equal_bits(run(machine, inputs), got));
  ++totals.repeated.checks;
}

template <std::uint64_t S>
void check_graph(CompiledTotals& totals) {
  INFO("graph of seed " << S);
  const RandomGraph drawn = random_graph(Seed{S}, compiled_graphs);
  Random random(Seed{seed()}, S);
  const std::vector<Numbers> x = draw_inputs(random, drawn);
  std::vector<Numbers> with_tangents = x;
  for (const std::int32_t id : drawn.graph.inputs) {
    if (drawn.graph[id].type.kind == Kind::real)
      with_tangents.push_back(draw_direction(random, drawn.graph[id]));
  }
  std::vector<Numbers> with_cotangents = x;
  for (const std::int32_t id : drawn.graph.outputs)
    with_cotangents.push_back(draw_direction(random, drawn.graph[id]));
  CHECK(
      equal_bits(interpret(ValueOfGraph<S>::make(), x), interpret(Frozen<ValueOfGraph<S>>::graph.thaw(), x)));
  ++totals.repeated.checks;
  check_program<ValueOfGraph<S>>(totals, x);
  check_program<JvpOfGraph<S>>(totals, with_tangents);
  check_program<VjpOfGraph<S>>(totals, with_cotangents);
  ++totals.graphs;
}

/// Checks the graphs of the seeds First, First + 1, ... First + Count - 1.
template <std::uint64_t First, std::uint64_t Count>
void check_graphs() {
  CompiledTotals totals;
  [&]<std::uint64_t... I>(std::integer_sequence<std::uint64_t, I...>) {
    (check_graph<First + I>(totals), ...);
  }(std::make_integer_sequence<std::uint64_t, Count>{});
  std::printf("figure: compiled random graphs %d, programs %d, checks %d, largest error %.2f of the bar\n",
              totals.graphs, 3 * totals.graphs, totals.errors.checks + totals.repeated.checks,
              totals.errors.largest);
}

}  // namespace ctgrad::test
