#pragma once

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/cost.hpp>

#include <support/arrays.hpp>
#include <support/compute.hpp>

/// Plans as tests look at them, and programs against the interpreter.
namespace ctgrad::test {

/// The plan in double: `Planned<f, X>::plan` and `graph`.
template <auto Function, class... Arguments>
using Planned = runtime::Planned<double, runtime::Trace<Function, Arguments...>>;

/// How many of a plan's calls `accept(graph, plan, call)` holds for.
template <class P, class Accept>
constexpr int count_calls(const Accept& accept) {
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i)
    found += accept(P::graph, P::plan, P::plan.calls[i]) ? 1 : 0;
  return found;
}

/// The calls that run every time.
template <auto Function, class... Arguments>
constexpr int calls = static_cast<int>(Planned<Function, Arguments...>::plan.call_count -
                                       Planned<Function, Arguments...>::plan.constants);

/// The calls that only put what they read somewhere else.
template <auto Function, class... Arguments>
constexpr int copies = count_calls<Planned<Function, Arguments...>>(
    [](const auto& graph, const auto&, const plan::KernelCall& call) {
      return call.product < 0 && !call.by_rows && is_copy(graph[call.node]);
    });

/// The calls that add a product to what lies in the result's memory.
template <auto Function, class... Arguments>
constexpr int accumulations = count_calls<Planned<Function, Arguments...>>(
    [](const auto&, const auto&, const plan::KernelCall& call) { return call.accumulates; });

/// Says whether a call computes a node of this operation.
template <class Op, class G, class P>
constexpr bool computes(const G& graph, const P& plan, const plan::KernelCall& call) {
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    if (plan.groups[id] == call.node && graph[id].operation == &operation<Op>) return true;
  }
  return false;
}

/// Numbers that are no two the same, of both signs.
inline Numbers varied(const Shape& shape, double begin) {
  Numbers numbers(extents(shape));
  for (double& number : numbers) number = std::sin(begin += 1.7);
  return numbers;
}

template <class... Arguments>
std::vector<Numbers> varied_inputs() {
  double begin = 0;
  return {varied(Arguments::shape, begin += 1)...};
}

/// How far a program's results are from what its graph means, as it was traced.
template <class Scalar, auto Function, class... Arguments>
double program_error(const std::vector<Numbers>& inputs) {
  const Graph graph = passes::eliminate_dead(runtime::Trace<Function, Arguments...>::traced());
  return error_of_largest(compute<Scalar, Function, Arguments...>(inputs), interpret(graph, inputs));
}

template <auto Function, class... Arguments>
double program_error() {
  return program_error<double, Function, Arguments...>(varied_inputs<Arguments...>());
}

}  // namespace ctgrad::test
